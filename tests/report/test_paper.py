"""Lines of text: width, colour, encoding."""

from __future__ import annotations

import pytest

from pytest_opswald.report.paper import Paper, Span, clip, columns, padded


@pytest.mark.parametrize(
    ("text", "width"),
    [("plain", 5), ("é", 1), ("e\u0301", 1), ("日本", 4), ("👍", 2), ("", 0)],
    ids=["ascii", "accent", "combining", "wide", "emoji", "empty"],
)
def test_columns_are_what_a_terminal_shows(text, width):
    """Wide characters take two columns, combining ones none."""
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "cut"),
    [("fits", "fits"), ("too long", "too …"), ("日本語", "日本…")],
    ids=["fits", "cut", "wide"],
)
def test_a_line_is_cut_at_the_width(text, cut):
    """An ellipsis stands for the rest, and the line is never wider than asked."""
    line = clip((Span(text),), 5)

    assert "".join(span.text for span in line) == cut


def test_a_cut_keeps_the_ink_of_what_is_left():
    """Colours belong to pieces of the line, not to columns."""
    line = clip((Span("abc", "bad"), Span("def", "good")), 5)

    assert line == (Span("abc", "bad"), Span("d", "good"), Span("…", "faint"))


def test_padding_counts_columns():
    """Cells align below wide characters too."""
    assert padded("日本", 6) == "日本  "


def test_wrapping_keeps_the_line_breaks_of_the_text():
    """Paragraphs stay paragraphs; long ones hang below their label."""
    lines = Paper(width=20).wrap("one two three four five\nsix", first="a: ", rest="   ")

    assert lines == ["a: one two three", "   four five", "   six"]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "é → ✓ …"),
        ("ascii", "\\xe9 -> v ..."),
        ("cp1252", "é -> v ..."),
    ],
)
def test_what_a_stream_cannot_encode_has_a_stand_in(encoding, shown):
    """Our own signs become ASCII, other characters are escaped only where they must be."""
    assert Paper(encoding=encoding).draw("é → ✓ …") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\nb", "a⏎b"), ("\x1b[31m", "\\x1b[31m"), ("\u2028", "\\u2028"), ("\ud800", "\\ud800")],
    ids=["newline", "escape", "separator", "surrogate"],
)
def test_characters_that_are_not_printed_are_shown(text, shown):
    """One line stays one line, and nothing steers the terminal."""
    assert Paper().draw(text) == shown
