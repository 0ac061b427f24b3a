"""Writers of one golden that are killed: `python -m tests.reliability.killed_writers NAME FILE`.

A process of its own, because hundreds are forked from it: a fork of the one that runs the tests
costs a tenth of a second.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.store import atomic, files
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import UserInput
from pytest_opswald.trace.trace import Trace

KILLS = 200


def golden(text: str, *tags: str) -> Redacted:
    steps = [UserInput(message=f"{text} {number}") for number in range(50)]
    return Redacted(
        Golden(name="test_x", test="test_x.py::test_x", tags=tags, trace=Trace.of(steps))
    )


OLD, NEW = golden("old"), golden("new")


def child(action: Callable[[], Any]) -> int:
    """Id of a process that does this and ends."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            action()
            status = 0
        finally:
            os._exit(status)
    return pid


def was_killed(pid: int) -> bool:
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or status == 0
    return os.WIFSIGNALED(status)


def at_any_moment(path: Path) -> None:
    """The golden is old or new after each of 200 kills."""
    dice = random.Random(20261121)  # reproducible moments

    def write_on_and_on() -> None:
        while True:
            files.save(path, NEW)
            files.save(path, OLD)

    for _ in range(KILLS):
        writer = child(write_on_and_on)
        time.sleep(dice.uniform(0, 0.01))
        os.kill(writer, signal.SIGKILL)
        assert was_killed(writer)
        assert files.load(path) in (OLD, NEW)


def at_any_step(path: Path) -> None:
    """The file is old or new after a kill at each call that a write makes; whole at the end.

    Calls of what is written in C: what lies between them touches no file.
    """
    old, new = path.read_bytes(), b"new\n" * 1000

    def write_until(step: int) -> None:
        calls = 0

        def count(frame: Any, event: str, arg: Any) -> None:
            nonlocal calls
            calls += event == "c_call"
            if calls == step:
                os.kill(os.getpid(), signal.SIGKILL)

        with atomic.locked(path):
            sys.setprofile(count)
            atomic.write(path, new)

    step = 1
    while was_killed(child(lambda step=step: write_until(step))):  # type: ignore[misc]
        assert path.read_bytes() in (old, new), step
        path.write_bytes(old)
        step += 1

    assert step > 50
    assert path.read_bytes() == new


def main(name: str, path: Path) -> None:
    files.save(path, OLD)  # once here, so that no child spends its short life on imports
    {"moment": at_any_moment, "step": at_any_step}[name](path)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
