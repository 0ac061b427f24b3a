"""What changed inside a text, word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.report.wording import Hunk, hunks

TEXTS = st.lists(
    st.sampled_from(["refund", "order", "42", "19.90", "a", ". ", "\n", " ", "(", "é"]), max_size=30
).map("".join)


@given(TEXTS, TEXTS)
def test_the_pieces_put_together_are_both_texts(old, new):
    """Nothing is lost and nothing invented."""
    found = hunks(old, new)

    assert "".join(hunk.old for hunk in found) == old
    assert "".join(hunk.new for hunk in found) == new


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text):
    """Equal texts have no changed piece."""
    assert all(hunk.equal for hunk in hunks(text, text))


def test_long_texts_are_compared_too():
    """Far-apart words of a long text are found without comparing each with each."""
    old = "\n".join(f"line {number}: value {number * 7} is fine." for number in range(3000))
    new = old.replace("value 70 ", "value 71 ").replace("line 2900:", "row 2900:")

    changed = [hunk for hunk in hunks(old, new) if not hunk.equal]

    assert changed == [Hunk("70", "71"), Hunk("line", "row")]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("a helpful agent", "a terse agent", [Hunk("helpful", "terse")]),
        ("it costs 19.90 EUR", "it costs 25.00 EUR", [Hunk("19.90", "25.00")]),
        (
            "go and ask your manager now",
            "go and ask the boss now",
            [Hunk("your manager", "the boss")],
        ),
        ("Be kind.", "Be kind. Be brief.", [Hunk("", " Be brief.")]),
        ("nothing alike", "so very other", [Hunk("nothing alike", "so very other")]),
        (
            "One, ends. Two, ends. Three, ends. Four.",
            "One, ends. Three, ends. Four.",
            [Hunk("Two, ends. ", "")],
        ),
    ],
    ids=["word", "number", "neighbours", "added", "unrelated", "sentence"],
)
def test_the_changed_pieces_are_those_a_person_would_mark(old, new, changed):
    """Whole words and numbers; neighbours as one; whole sentences."""
    assert [hunk for hunk in hunks(old, new) if not hunk.equal] == changed
