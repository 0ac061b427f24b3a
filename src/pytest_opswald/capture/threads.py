"""Threads that were given an answer and have not handed it on to the user's code yet.

Between an answer and the line that asked for it lie an HTTP client and an SDK. A thread that is
given its answer later must not pass it by there, or who comes first would be a matter of luck.
"""

from __future__ import annotations

import sys
import sysconfig
import threading
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

_PATIENCE = 400
"""Looks at a thread after which it is taken for stuck."""
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
    looks: int = 0

    def waits_in(self, frame: FrameType | None) -> bool:
        """Whether it is still where it was, in the stack that ends with this frame."""
        stack = _stack(frame)
        if len(stack) <= self.depth:
            return False
        there = stack[self.depth]
        return there.f_code is self.code and there.f_lasti == self.instruction


_given: dict[int, _Caller] = {}
"""By thread."""


def ask() -> None:
    """This thread asks again: it is done with what it was given."""
    _given.pop(threading.get_ident(), None)


def give() -> None:
    """This thread now gets its answer."""
    if threading.active_count() > 1 and (caller := _caller()):
        _given[threading.get_ident()] = caller


def others_are_busy() -> bool:
    """Whether another thread has still to hand on what it was given."""
    if not _given:
        return False
    frames = sys._current_frames()
    for thread, caller in list(_given.items()):
        caller.looks += 1
        if caller.looks > _PATIENCE or not caller.waits_in(frames.get(thread)):
            _given.pop(thread, None)
    return bool(_given)


def _caller() -> _Caller | None:
    """Who asks in this thread, past libraries and ourselves; None when it is no code of the user."""
    stack = _stack(sys._getframe())
    for depth in reversed(range(len(stack))):
        frame = stack[depth]
        if not frame.f_code.co_filename.startswith(_LIBRARIES):
            return _Caller(depth, frame.f_code, frame.f_lasti)
    return None


def _stack(frame: FrameType | None) -> list[FrameType]:
    """Frames of a thread, outermost first."""
    stack = []
    while frame:
        stack.append(frame)
        frame = frame.f_back
    return stack[::-1]
