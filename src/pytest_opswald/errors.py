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
    ├── NothingRecorded        a recording saw nothing that a golden could hold
    ├── LeakedCall             a call outlived the test that began it
    ├── ApiError               the API refused a request, or could not do it
    │   ├── AuthenticationError   401: no key, or none it knows
    │   ├── AuthorizationError    403: the key may not do this
    │   ├── ValidationError       400: the request makes no sense
    │   ├── NotFound              404: there is no such thing
    │   ├── RateLimitExceeded     429: too many requests
    │   └── ServerError           500: the server failed
    ├── NoAnswer               nothing came back that is an answer of the API


    ├── UnusableRule           an expectation cannot be judged here: a library, a file is missing
    ├── InvalidOutcome         an `expected_outcome` makes no sense (see `trace.problems`)
    └── InvalidSetting         an option, marker, ini value or variable makes no sense

Every message says what is wrong, where, and what to do now.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar


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


class NothingRecorded(OpswaldError):
    """A run without any call, tool or note that we see."""


class LeakedCall(OpswaldError):
    """A background call outlived its test."""


class ApiError(OpswaldError):
    """What the API answers instead of doing what it was asked; one class for each of its types."""

    type: ClassVar[str]
    remedy: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        details: Mapping[str, Any] | None = None,
        *,
        status: int | None = None,
        request_id: str | None = None,
        asked: str = "",
    ) -> None:
        super().__init__(message, details)
        self.message = message
        self.details = dict(details or {})
        """`field` and `expected` of a request that makes no sense."""
        self.status = status
        """HTTP status; None when the client refused to ask."""
        self.request_id = request_id
        self.asked = asked
        """`POST http://127.0.0.1:8321/v1/events`"""

    def __str__(self) -> str:
        where = f"{self.asked} answered {self.status}" if self.status else "nothing was sent"
        details = [f"  {name}: {value}" for name, value in self.details.items()]
        lines = (f"{self.type}: {self.message}", *details, f"  ({where})", self.remedy)
        return "\n".join(filter(None, lines))


class AuthenticationError(ApiError):
    """The server knows no such key, or got none."""

    type = "authentication_error"
    remedy = "Set OPSWALD_API_KEY to a key of this server, or give it to the client."


class AuthorizationError(ApiError):
    """The key may not do this: it takes another scope."""

    type = "authorization_error"
    remedy = "Use a key with the scope that this takes."


class ValidationError(ApiError):
    """The request makes no sense."""

    type = "validation_error"


class NotFound(ApiError):
    """There is no such thing, or it belongs to somebody else."""

    type = "not_found"


class RateLimitExceeded(ApiError):
    """Too many requests, for longer than the client would wait."""

    type = "rate_limit_exceeded"


class ServerError(ApiError):
    """The server failed; its log says more under `request_id`."""

    type = "server_error"


class NoAnswer(OpswaldError):
    """The server could not be reached, was too slow, or said what is no answer of the API."""


class UnusableRule(OpswaldError):
    """An expectation that makes sense and cannot be judged, with what it lacks."""


class InvalidSetting(OpswaldError):
    """A setting that makes no sense, with the place it came from."""
