"""All layers together: where the secrets of a text are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pytest_opswald.trace.placeholders import PLACEHOLDER, holds_placeholder

from . import contexts, json_strings, known, pem, pii, shapes
from .json_strings import Literal
from .known import Known
from .rules import Rules
from .spans import Span, joined, outside

SHORTEST = 4
"""Characters below which a text holds no secret."""
_SHORTEST_FORM = 8
"""Of an encoded secret that is looked for."""


@dataclass(frozen=True)
class Detector:
    """Finds secrets, and changes nothing."""

    rules: Rules = field(default_factory=Rules)
    known: Known = field(default_factory=dict)

    def find(self, text: str, name: str = "") -> list[Span]:
        """Every secret in a text that stands under a name, in order. A placeholder is none."""
        if len(text) < SHORTEST:
            return []
        layers = self._layers(text, name)
        found = [span for span in layers if span.rule not in self.rules.disabled]
        if not found:
            return []
        if holds_placeholder(text):
            found = list(outside(found, [p.span() for p in PLACEHOLDER.finditer(text)]))
        return joined(found)

    def kind(self, value: str) -> tuple[str, str] | None:
        """A known secret in any of its forms: the secret itself, and what to call it."""
        secret = self._secrets.get(value)
        return (secret, self.known[secret]) if secret else None

    def _layers(self, text: str, name: str) -> Iterator[Span]:
        if (literals := json_strings.literals(text)) is not None:
            for literal in literals:
                yield from self._in_literal(text, literal)
            return
        yield from self._known(text)
        if name:
            yield from json_strings.whole(text, name)
        yield from pem.private_keys(text)
        yield from shapes.shaped(text)
        yield from self.rules.custom(text)
        yield from contexts.contextual(text)
        if self.rules.personal:
            yield from pii.personal(text, self.rules.personal)

    def _in_literal(self, text: str, literal: Literal) -> Iterator[Span]:
        """What a string of a JSON text says, found there and told where it is written."""
        raw = text[literal.start : literal.end]
        found = self.find(json_strings.unescaped(raw), literal.name)
        places = json_strings.raw_places(raw, (p for span in found for p in span[:2]))
        for span, start, end in zip(found, places[::2], places[1::2], strict=True):
            yield span._replace(start=literal.start + start, end=literal.start + end)

    def _known(self, text: str) -> Iterator[Span]:
        for form in self._likely(text):
            at = text.find(form)
            while at >= 0:
                yield Span(at, at + len(form), known.RULE, self.known[self._secrets[form]])
                at = text.find(form, at + len(form))

    def _likely(self, text: str) -> Iterable[str]:
        """The forms to look for: all, or where they are many, those that begin in the text."""
        if len(self._secrets) < len(text):
            return self._secrets
        beginnings = {
            text[at : at + _SHORTEST_FORM] for at in range(len(text) - _SHORTEST_FORM + 1)
        }
        found = beginnings & self._by_beginning.keys()
        return [form for beginning in found for form in self._by_beginning[beginning]]

    @cached_property
    def _by_beginning(self) -> dict[str, list[str]]:
        forms: dict[str, list[str]] = defaultdict(list)
        for form in self._secrets:
            forms[form[:_SHORTEST_FORM]].append(form)
        return forms

    @cached_property
    def _secrets(self) -> dict[str, str]:
        """Secret by form, longer secrets first, for one may begin with another."""
        return {
            form: secret
            for secret in sorted(self.known, key=lambda each: (-len(each), each))
            for form in known.forms(secret)
            if len(form) >= _SHORTEST_FORM
        }
