"""Placeholders for what a detector finds, numbered through one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_
from typing import Any, TypeVar

from pytest_opswald.trace.placeholders import PLACEHOLDER, holds_placeholder, placeholder

from . import known
from .detector import SHORTEST, Detector
from .json_strings import inherited, named_by_pair
from .names import Secrecy, secrecy
from .spans import Span

T = TypeVar("T")

_MOST_ROUNDS = 8
"""Secrets without anything between them come to light one after the other."""
_SHORTEST_KEY = 15
"""Names are no secrets; a longer key may be one."""


class Redactor:
    """Replaces secrets; equal secrets get equal placeholders, numbered by first appearance.

    Nothing that is handed in changes, and what holds no secret comes back as it is. Doing it
    twice is doing it once.
    """

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.learned: dict[str, str] = {}
        """Secrets found by their place or look, and what they are called."""
        self._placeholders: dict[str, str] = {}
        self._last: dict[str, int] = {}
        self._seen: dict[tuple[str, str], str] = {}
        self._known: dict[int, tuple[Any, str, Any]] = {}
        """What became of an object under a name, by its id; kept with it, so that no id is given
        out twice."""

    @property
    def count(self) -> int:
        """Distinct secrets that were replaced."""
        return len(self._placeholders)

    def text(self, text: str, name: str = "") -> str:
        """A text without secrets; `name` is what it stands under."""
        if len(text) < SHORTEST:
            return text
        key = (text, name if secrecy(name) else "")
        if key not in self._seen:
            self._seen[key] = "".join(self.pieces([text], key[1]))
        clean = self._seen[key]
        return text if clean == text else clean

    def value(self, value: Any, name: str = "") -> Any:
        """JSON without secrets: shapes, order and whatever is no text stay."""
        if isinstance(value, str):
            return self.text(value, name)
        if isinstance(value, dict):
            return self.once(value, name, lambda: self._object(value, name))
        if isinstance(value, list | tuple):
            return self._array(value, name)
        return value

    def once(self, value: T, name: str, make: Callable[[], T]) -> T:
        """What is made of an object under a name, made once: conversations repeat themselves.

        It must not change meanwhile.
        """
        known = self._known.get(id(value))
        if known is None or known[1] != name:
            known = self._known[id(value)] = (value, name, make())
        made: T = known[2]
        return made

    def pieces(self, pieces: Sequence[str], name: str = "") -> list[str]:
        """A text that comes in pieces, wherever it was cut; as many pieces are returned."""
        text = "".join(pieces)
        if holds_placeholder(text):
            self._reserve(text)
        for _ in range(_MOST_ROUNDS):
            found = self.detector.find(text, name)
            if not found:
                break
            stand_ins = [(span, self._placeholder(text, span)) for span in found]
            pieces = _cut(text, pieces, stand_ins)
            text = "".join(pieces)
        return list(pieces)

    def wiser(self) -> Redactor:
        """One that starts again, and knows what this one has learned."""
        known_now = {**self.learned, **self.detector.known}
        return Redactor(Detector(self.detector.rules, known_now))

    def _object(self, value: dict[str, Any], name: str) -> dict[str, Any]:
        pair = named_by_pair(value)
        changed: dict[str, Any] = {}
        is_same = True
        for key, item in value.items():
            new_key = self._key(key)
            said = pair[1] if pair and pair[0] == key else inherited(str(new_key), name)
            new = self.value(item, said)
            is_same = is_same and new is item and new_key is key
            changed[new_key] = new
        return value if is_same else changed

    def _key(self, key: Any) -> Any:
        return self.text(key) if isinstance(key, str) and len(key) >= _SHORTEST_KEY else key

    def _array(self, value: Sequence[Any], name: str) -> Sequence[Any]:
        match value:
            case [str(said), str(item)] if _is_pair(said, item):
                changed = [said, self.text(item, said)]
            case _:
                changed = [self.value(item, name) for item in value]
        if all(map(is_, changed, value)):
            return value
        return tuple(changed) if isinstance(value, tuple) else changed

    def _placeholder(self, text: str, span: Span) -> str:
        said = text[span.start : span.end]
        secret, kind = self.detector.kind(said) or (said, span.kind)
        if secret not in self._placeholders:
            self._last[kind] = self._last.get(kind, 0) + 1
            self._placeholders[secret] = placeholder(kind, self._last[kind])
            if secret not in self.detector.known and _is_learned(span, secret):
                self.learned[secret] = kind
        return self._placeholders[secret]

    def _reserve(self, text: str) -> None:
        """Leave the numbers alone that a text brings along."""
        for found in PLACEHOLDER.finditer(text):
            self._last[found[1]] = max(self._last.get(found[1], 0), int(found[2]))


def _is_pair(said: str, item: str) -> bool:
    """`["X-Api-Key", "x"]`, but not the names in `["password", "email"]`."""
    return secrecy(said) > Secrecy.NONE and any(not char.isalpha() and char != "_" for char in item)


def _is_learned(span: Span, secret: str) -> bool:
    return not span.rule.startswith("pii.") and known.learnable(secret)


def _cut(text: str, pieces: Sequence[str], found: Sequence[tuple[Span, str]]) -> list[str]:
    """The pieces with their secrets replaced: a placeholder stands where its secret began."""
    cut, start, spans = [], 0, list(reversed(found))
    for piece in pieces:
        end, said, at = start + len(piece), [], start
        while spans and at < end:
            span, stand_in = spans[-1]
            if span.start >= end:
                break
            if span.start >= at:
                said += [text[at : span.start], stand_in]
            at = min(span.end, end)
            if span.end <= end:
                spans.pop()
        said.append(text[at:end])
        cut.append("".join(said))
        start = end
    return cut
