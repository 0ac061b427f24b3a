"""What is left of known secrets in shortened texts."""

from __future__ import annotations

import pytest

from pytest_opswald.redaction.truncation import without_remnants

SECRET = "abcdef" + "ghijkl" + "mnopqr"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("key='abcdefghij...klmnopqr'", "key='...'"),
        ("key='...ghijklmnopqr' and so on", "key='...' and so on"),
        ("key='abc...'", "key='abc...'"),
        ("nothing... here", "nothing... here"),
        ("abcdefghij without dots", "abcdefghij without dots"),
    ],
    ids=["both", "end", "too short", "other", "no dots"],
)
def test_beginnings_and_ends_go(text: str, clean: str) -> None:
    """Where dots show that something was left out."""
    assert without_remnants(text, [SECRET]) == clean.replace("klmnopqr", "")
