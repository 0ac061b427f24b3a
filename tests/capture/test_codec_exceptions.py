"""Exceptions come back as the same class with the same arguments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_opswald.capture.codec import decode, decode_error, encode


class ToolFailed(Exception):
    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


class OutOfStock(ToolFailed, LookupError):
    def __str__(self) -> str:
        return f"{self.args[0]} ({self.code})"


def _way_through(error: BaseException) -> BaseException:
    return decode_error(json.loads(json.dumps(encode(error))))


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no such order", 42),
        KeyError("order"),
        FileNotFoundError(2, "No such file", "orders.csv"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        StopIteration(3),
        TimeoutError(),
        ToolFailed("down", code=503),
        OutOfStock("order 42", code=7),
        ExceptionGroup("both", [ValueError(1), KeyError("x")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_exception_comes_back(error: BaseException) -> None:
    """Class, arguments, attributes and text are those of the exception that was raised."""
    restored = _way_through(error)

    assert type(restored) is type(error)
    assert repr(restored) == repr(error)
    assert str(restored) == str(error)
    assert vars(restored) == vars(error)


def test_builtin_state_comes_back() -> None:
    """What builtins keep outside their arguments is there too."""
    restored = _way_through(PermissionError(13, "denied", "orders.csv"))

    assert isinstance(restored, PermissionError)
    assert (restored.errno, restored.filename) == (13, "orders.csv")


def test_notes_come_back() -> None:
    """Notes that were added to an exception are kept."""
    error = ValueError("x")
    error.add_note("while looking up order 42")

    assert _way_through(error).__notes__ == ["while looking up order 42"]


def test_exception_of_a_local_class_is_caught_by_the_same_clauses() -> None:
    """Without its class, a stand-in of the same name and the nearest builtin base is raised."""

    class Local(LookupError):
        def __str__(self) -> str:
            return "told by the class"

    lost: list[str] = []

    restored = decode(encode(Local(1), lost=lost))

    assert isinstance(restored, LookupError)
    assert f"{type(restored).__name__}: {restored}" == "Local: told by the class"
    assert lost


@pytest.mark.parametrize("like", ["UnicodeDecodeError", "print", "ExceptionGroup", "nothing"])
def test_stand_in_can_always_be_raised(like: str) -> None:
    """Whatever base an envelope names, the result is an exception with the recorded text."""
    said: dict[str, Any] = {"$type": "exception", "of": "gone:Gone", "like": like}

    restored = decode({**said, "message": "went away", "args": []})

    assert isinstance(restored, Exception)
    assert str(restored) == "went away"


def test_value_that_is_no_exception_becomes_one() -> None:
    """An edited golden may hold anything where an exception was."""
    assert str(decode_error({"message": "x"})) == "{'message': 'x'}"
