"""Threads that were given an answer and have not made use of it yet.

Between an answer and the line that asked for it lie an HTTP client and an SDK, and behind that
line often a pool that hands the result on. A thread that is given its answer later must not pass
it by there, or who comes first would be a matter of luck.
"""

from __future__ import annotations

import sys
import sysconfig
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

_LOOK_SECONDS = 0.0004
"""Looks closer together count as one."""
_PATIENCE = 1000
"""Looks at a thread, on its way back to the user's line, after which it is taken for stuck."""
_LEAST_STILL = 4
"""Looks in a row at which a thread stands still before it is taken to be waiting for something."""
_MOST_RESTLESS = 100
"""Looks at a thread that does not stand still after which nobody waits for it any longer."""
_LIBRARIES = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    | {str(Path(__file__).parents[1])}
)


@dataclass(slots=True)
class _Caller:
    """The line of the user's code that waits for an answer."""

    depth: int
    """Frames below it."""
    code: CodeType
    instruction: int
    thread: int
    """The system's number of its thread."""
    looks: int = 0
    restless: int = 0
    """Looks since it went on with its answer."""
    still: int = 0
    """How many of these in a row found it where the one before did."""
    place: tuple[CodeType, int] | None = None

    def is_busy(self, frame: FrameType | None) -> bool:
        """Whether it has still to do something with its answer; `frame` is where it is now.

        First it brings the answer back to the user's line. Then it goes on from there until it
        waits for something: a lock, the next task of its pool, another answer.
        """
        if frame is None:
            return False
        if self._waits_in(frame):
            self.looks += 1
            return self.looks <= _PATIENCE
        place = frame.f_code, frame.f_lasti
        stands = place == self.place and not _runs(self.thread)
        self.place, self.still = place, self.still + 1 if stands else 0
        self.restless += 1
        return self.still < _LEAST_STILL and self.restless <= _MOST_RESTLESS

    def _waits_in(self, frame: FrameType) -> bool:
        """Whether the line is still where it was, in the stack that ends with this frame."""
        stack = _stack(frame)
        if len(stack) <= self.depth:
            return False
        there = stack[self.depth]
        return there.f_code is self.code and there.f_lasti == self.instruction


_given: dict[int, _Caller] = {}
"""By thread."""
_looked = 0.0
"""When these were last looked at."""


def ask() -> None:
    """This thread asks again: it is done with what it was given."""
    _given.pop(threading.get_ident(), None)


def give() -> None:
    """This thread now gets its answer."""
    if threading.active_count() > 1 and (caller := _caller()):
        _given[threading.get_ident()] = caller


def others_are_busy() -> bool:
    """Whether another thread has still to do something with what it was given."""
    global _looked
    if not _given or time.monotonic() - _looked < _LOOK_SECONDS:
        return bool(_given)
    frames = sys._current_frames()
    for thread, caller in list(_given.items()):
        if not caller.is_busy(frames.get(thread)):
            _given.pop(thread, None)
    _looked = time.monotonic()
    return bool(_given)


def _runs(thread: int) -> bool:
    """Whether the system runs this thread or would, if only it had a processor to spare."""
    try:
        with open(f"/proc/self/task/{thread}/stat", "rb") as stat:  # noqa: PTH123  # hot
            return stat.read().rpartition(b")")[2].split()[0] == b"R"
    except OSError:
        return False  # not Linux


def _caller() -> _Caller | None:
    """Who asks in this thread, past libraries and ourselves; None when it is no code of the user."""
    stack = _stack(sys._getframe())
    for depth in reversed(range(len(stack))):
        frame = stack[depth]
        if not frame.f_code.co_filename.startswith(_LIBRARIES):
            return _Caller(depth, frame.f_code, frame.f_lasti, threading.get_native_id())
    return None


def _stack(frame: FrameType | None) -> list[FrameType]:
    """Frames of a thread, outermost first."""
    stack = []
    while frame:
        stack.append(frame)
        frame = frame.f_back
    return stack[::-1]
