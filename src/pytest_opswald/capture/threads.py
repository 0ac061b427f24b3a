"""Threads that were given an answer and have not made use of it yet.

Between an answer and the line that asked for it lie an HTTP client and an SDK, and behind that
line often a pool that hands the result on. A thread that is given its answer later must not pass
it by there, or who comes first would be a matter of luck. Nor may it come before the threads that
wait for the first one have taken note of what they were given.
"""

from __future__ import annotations

import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

_LOOK_SECONDS = 0.0004
"""Looks closer together count as one."""
_PATIENCE = 1000
"""Looks at a thread after which it is taken for stuck."""
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
    """Looks since it went on with its answer that found it further, or at work."""
    still: int = 0
    """How many of these in a row found it where the one before did."""
    place: tuple[CodeType, int] | None = None
    ran_ns: int = 0
    """How long a processor has worked for it."""

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
        # Who would run and has not since the last look is not restless: the machine is busy.
        before, self.ran_ns = self.ran_ns, _ran_ns(self.thread)
        self.restless += place != self.place or self.ran_ns != before
        self.looks += 1
        self.place, self.still = place, self.still + 1 if stands else 0
        is_free = self.restless > _MOST_RESTLESS or self.looks > _PATIENCE
        return self.still < _LEAST_STILL and not is_free

    def _waits_in(self, frame: FrameType) -> bool:
        """Whether the line is still where it was, in the stack that ends with this frame."""
        stack = _stack(frame)
        if len(stack) <= self.depth:
            return False
        there = stack[self.depth]
        return there.f_code is self.code and there.f_lasti == self.instruction


_given: dict[int, _Caller] = {}
"""By thread."""
_asking: set[int] = set()
"""Threads that wait for their turn."""
_lock = threading.RLock()
"""Held by who takes a turn: nobody else takes one before that is known here."""
_looked = 0.0
"""When these were last looked at."""


@contextmanager
def asking() -> Iterator[None]:
    """This thread asks again: it is done with what it was given."""
    thread = threading.get_ident()
    _given.pop(thread, None)
    _asking.add(thread)
    try:
        yield
    finally:
        _asking.discard(thread)


def takes(turn: Callable[[], bool], *, has_waited: bool) -> bool:
    """Whether this thread gets its answer now, which is when nobody is busy and it is its turn."""
    with _lock:
        if others_are_busy() or not turn():
            return False
        if threading.active_count() > 1:
            _give(among_others=has_waited)
        return True


def _give(*, among_others: bool) -> None:
    """Look at this thread from now on, and at those that may wait for what it makes of its answer."""
    own = threading.get_ident()
    _given[own] = _caller() or _bystander(threading.get_native_id())
    if among_others:
        for thread in threading.enumerate():
            if thread.ident and thread.native_id and thread.ident not in _asking:
                _given.setdefault(thread.ident, _bystander(thread.native_id))


def others_are_busy() -> bool:
    """Whether another thread has still to do something with what it was given."""
    global _looked
    if not _given or time.monotonic() - _looked < _LOOK_SECONDS:
        return bool(_given)
    if not all(thread.is_alive() for thread in threading.enumerate()):
        return True  # one is being started, and whoever starts it waits for that
    frames = sys._current_frames()
    for thread, caller in list(_given.items()):
        if not caller.is_busy(frames.get(thread)):
            _given.pop(thread, None)
    _looked = time.monotonic()
    return bool(_given)


def _bystander(thread: int) -> _Caller:
    """A thread in which no line of the user's waits for an answer."""
    return _Caller(sys.maxsize, _bystander.__code__, 0, thread)


def _runs(thread: int) -> bool:
    """Whether the system runs this thread or would, if only it had a processor to spare."""
    try:
        with open(f"/proc/self/task/{thread}/stat", "rb") as stat:  # noqa: PTH123  # hot
            return stat.read().rpartition(b")")[2].split()[0] == b"R"
    except OSError:
        return False  # not Linux


def _ran_ns(thread: int) -> int:
    """How long a processor has worked for this thread; 0 where nobody counts that."""
    try:
        with open(f"/proc/self/task/{thread}/schedstat", "rb") as stat:  # noqa: PTH123  # hot
            return int(stat.read().split()[0])
    except (OSError, IndexError):
        return 0


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
