"""Lines of text for a terminal: width, colour and encoding in one place."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

_ASCII = {
    ord(glyph): plain
    for glyph, plain in {
        "→": "->",
        "…": "...",
        "⋮": ":",
        "✓": "v",
        "✗": "x",
        "⇅": "^",
        "—": "-",
        "·": "-",
        "⏎": "\\n",
        "‹": "<",
        "›": ">",
    }.items()
}
_INKS = {
    "": {},
    "good": {"green": True},
    "bad": {"red": True},
    "note": {"yellow": True},
    "strong": {"bold": True},
    "faint": {"light": True},
}
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")


class Markup(Protocol):
    """Colours a text; `TerminalWriter.markup` is one."""

    def __call__(self, text: str, **markup: bool) -> str: ...


class Span(NamedTuple):
    """A piece of a line in one ink: good, bad, note, strong, faint or plain."""

    text: str
    ink: str = ""


Line = tuple[Span, ...]


def plain(text: str, **markup: bool) -> str:
    """The markup of a stream without colours."""
    return text


@dataclass(frozen=True, slots=True)
class Paper:
    """What is drawn on."""

    width: int = 80
    markup: Markup = plain
    encoding: str = "utf-8"
    verbosity: int = 0
    """Below 0 verdicts only, 0 folded around changes, above 0 everything."""

    def draw(self, *spans: Span | str) -> str:
        """One line, cut at the width."""
        line = tuple(
            Span(self.safe(span.text), span.ink)
            if isinstance(span, Span)
            else Span(self.safe(span))
            for span in spans
        )
        cut = clip(line, self.width, self.safe("…"))
        return "".join(self._coloured(span) for span in cut).rstrip()

    def wrap(self, text: str, *, first: str = "", rest: str = "", ink: str = "") -> list[str]:
        """A text on as many lines as it needs, its own line breaks kept, behind two indents."""
        lines: list[str] = []
        for paragraph in text.splitlines() or [""]:
            lines += textwrap.wrap(
                self.safe(paragraph),
                max(self.width, 20),
                initial_indent=rest if lines else self.safe(first),
                subsequent_indent=rest,
                break_on_hyphens=False,
            ) or [""]
        return [self._coloured(Span(line, ink)) for line in lines]

    def safe(self, text: str) -> str:
        """The text with control characters shown, in what the stream can encode."""
        shown = "".join(_visible(text)) if not text.isprintable() else text
        try:
            "→…⋮✓✗⇅".encode(self.encoding)
        except UnicodeEncodeError:
            shown = shown.translate(_ASCII)
        return shown.encode(self.encoding, "backslashreplace").decode(self.encoding)

    def _coloured(self, span: Span) -> str:
        return self.markup(span.text, **_INKS[span.ink]) if span.ink and span.text else span.text


def columns(text: str) -> int:
    """Terminal columns a text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def padded(text: str, width: int) -> str:
    """The text, filled with spaces to so many columns."""
    return text + " " * max(0, width - columns(text))


def shortened(text: str, width: int) -> str:
    """The text, cut to so many columns."""
    return "".join(span.text for span in clip((Span(text),), width))


def clip(line: Line, width: int, ellipsis: str = "…") -> Line:
    """The line, at most so many columns wide."""
    if sum(columns(span.text) for span in line) <= width:
        return line
    left = max(0, width - columns(ellipsis))
    kept: list[Span] = []
    for span in line:
        text = _first_columns(span.text, left)
        kept.append(Span(text, span.ink))
        left -= columns(text)
        if text != span.text:
            break
    return (*kept, Span(ellipsis, "faint"))


def _first_columns(text: str, width: int) -> str:
    if text.isascii():
        return text[:width]
    used = 0
    for index, char in enumerate(text):
        used += _columns(char)
        if used > width:
            return text[:index]
    return text


def _columns(char: str) -> int:
    if unicodedata.combining(char) or char in _JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "FW" else 1


def _visible(text: str) -> Iterator[str]:
    # What an LLM said must not move the cursor, colour the screen or turn the text around.
    for char in text:
        if char == "\n":
            yield "⏎"
        elif unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in _JOINERS:
            yield char.encode("unicode_escape", "surrogatepass").decode("ascii")
        else:
            yield char
