"""No text is dear: the work grows with its length, whatever stands in it."""

from __future__ import annotations

import sys

import pytest

from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.rules import rules

PARTS = {
    "words": "secret password token key ",
    "openai": "sk-",
    "jwt": "eyJ",
    "jwt with dashes": "-eyJ",
    "jwt with dots": "eyJ.",
    "pem headers": "-----BEGIN PRIVATE KEY-----",
    "pem beginnings": "-----BEGIN ",
    "assignments": "password=",
    "open quotes": 'password="',
    "quotes": '"',
    "backslashes": "\\",
    "urls": "://a:",
    "hosts": "http://a:b@",
    "queries": "&key=",
    "cookies": "cookie: a=",
    "placeholders": "‹redacted:a#1›",
    "brackets": "[",
    "digits": "1 ",
    "e-mail": "a@a.",
    "known": "abcdefgh1234567",
}
ALL = rules(redact=["pii.email", "pii.card", "pii.iban", "pii.phone"])


def steps(text: str) -> int:
    """Python function calls that a search makes."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    detector = Detector(ALL, {"abcdefgh12345678": "known"})
    detector.find(text[:1000])  # fills the caches
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        detector.find(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_four_times_the_text_is_no_more_than_six_times_the_work(part: str) -> None:
    """Every pattern passes over a text once; what it repeats is bounded."""
    short = part * (8_000 // len(part))

    assert steps(short * 4) <= 6 * steps(short) + 100


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_long_text_comes_to_an_end(part: str) -> None:
    """300,000 characters; a pattern that backtracks would take hours."""
    Detector(ALL, {"abcdefgh12345678": "known"}).find(part * (300_000 // len(part)))
