"""What stands in for a recorded value that can't be built again."""

from __future__ import annotations

import re
from typing import Any, NoReturn

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
_LONGEST = 20_000


class Unrestored:
    """A value that was recorded by its text: `str` and `repr` read as recorded, nothing else works."""

    __slots__ = ("of", "text", "words")

    def __init__(self, of: str, text: str, words: str | None = None) -> None:
        self.of = of
        """`module:Class` of the original."""
        self.text = text
        self.words = text if words is None else words

    def __repr__(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.words

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unrestored) and (self.of, self.text) == (other.of, other.text)

    def __hash__(self) -> int:
        return hash((self.of, self.text))

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"no {name!r}: the golden holds this {self.of} only as text, {self.text[:80]}\n"
            "Return plain data, a dataclass or a pydantic model from the tool, and record it again."
        )


def text_of(value: Any) -> str:
    """Its repr, the same in every run: memory addresses masked; never raises."""
    return _spoken(repr, value)


def words_of(value: Any) -> str:
    """Its str, the same in every run."""
    return _spoken(str, value)


def _spoken(speak: Any, value: Any) -> str:
    try:
        text = str(speak(value))
    except Exception:
        text = f"<{type(value).__qualname__} without {speak.__name__}>"
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}…"
    return _ADDRESS.sub("0x…", text).encode("utf-8", "backslashreplace").decode()
