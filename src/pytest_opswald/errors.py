"""What pytest-opswald raises.

    OpswaldError
    ├── GoldenError            a golden cannot be read or written
    │   ├── GoldenMissing      there is none for this test
    │   ├── GoldenCorrupt      it is not a golden: bad JSON, wrong shape, wrong encoding
    │   ├── GoldenConflict     git left merge conflict markers in it
    │   ├── GoldenTooNew       a later release wrote it
    │   └── GoldenLeaks        it would hold a secret, so it is not written
    ├── NoRecordedAnswer       a replay was asked for something the golden does not hold
    ├── RefusedConnection      a replay reached for something outside this machine
    ├── NotLinear              a closed loop was asked of a run that was none
    ├── NotReplayable          a trace does not say enough to become a golden
    ├── LeakedCall             a call outlived the test that began it
    ├── InvalidOutcome         an `expected_outcome` makes no sense (see `trace.problems`)
    └── InvalidSetting         an option, marker, ini value or variable makes no sense

Every message says what is wrong, where, and what to do now.
"""

from __future__ import annotations

from pathlib import Path


class OpswaldError(Exception):
    """Root of everything raised on purpose."""


class GoldenError(OpswaldError):
    """A golden file that cannot be used; its message begins with `path:line:column`."""

    def __init__(
        self, path: Path, problem: str, *, remedy: str, line: int = 1, column: int = 1
    ) -> None:
        super().__init__(f"{path}:{line}:{column}: {problem}\n{remedy}")
        self.path = path
        self.line = line
        self.column = column
        self.problem = problem
        self.remedy = remedy


class GoldenMissing(GoldenError):
    """No golden exists for this test."""


class GoldenCorrupt(GoldenError):
    """The file is not a golden."""


class GoldenConflict(GoldenError):
    """The file holds merge conflict markers."""


class GoldenTooNew(GoldenError):
    """The file was written by a later release."""


class GoldenLeaks(GoldenError):
    """The file would hold a secret."""


class NoRecordedAnswer(OpswaldError):
    """The golden holds no answer to this call."""


class RefusedConnection(OpswaldError, RuntimeError):
    """An unmodified replay reaches nothing outside this machine.

    A RuntimeError, because clients retry what looks like a broken connection.
    """


class NotLinear(OpswaldError):
    """The recorded run was more than one loop of asking and using tools."""


class NotReplayable(OpswaldError):
    """A trace that does not hold what a replay needs."""


class LeakedCall(OpswaldError):
    """A background call outlived its test."""


class InvalidSetting(OpswaldError):
    """A setting that makes no sense, with the place it came from."""
