"""The arguments of two tool calls that ought to do the same.

Numbers, words and flags must agree. A text that the agent worded itself is free, as is a date it
chose or an address it made up; what it was given, a quoted message, a name, a day, an id, must come
through. A subject or a note is a text, be it one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_opswald.trace.structural import is_empty, is_text, same_plain

from .facts import facts
from .grounding import Ground
from .restated import is_restated
from .wording import bare, folded, squeezed

_LONGEST_NAME = 4
"""Words of a name that tools told and that must come through in prose, too: `Dalton Street 123`."""
_PROSE = re.compile(
    r"(?:.*[._])?(?:body|caption|comment|content|description|memo|message|notes?|subject|summary"
    r"|text|title)",
    re.IGNORECASE,
)
"""Arguments that are worded, not chosen."""
_MOMENT = re.compile(r"[\dTZ:.,+/\- ]*(?:[ap]\.?m\.?)?", re.IGNORECASE)
_LONGEST_MOMENT = len("Wednesday, September 30, 2026 at 10:00 p.m.")


@dataclass(frozen=True)
class Pair:
    """Two calls of one tool, with what each had to go by."""

    golden: Ground
    actual: Ground
    updates: bool = False
    """Whether the tool changes what was there: telling it again what holds already is nothing."""

    def differing(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
        """Dotted paths of the arguments that do not agree."""
        for name in dict.fromkeys((*one, *other)):
            yield from self._differing(name, one.get(name), other.get(name))

    def _differing(self, path: str, one: Any, other: Any) -> Iterator[str]:
        if self._agree(path, one, other):
            return
        match one, other:
            case Mapping(), Mapping():
                for name in dict.fromkeys((*one, *other)):
                    yield from self._differing(f"{path}.{name}", one.get(name), other.get(name))
            case [*ones], [*others] if len(ones) == len(others):
                for index, (each, its) in enumerate(zip(ones, others, strict=True)):
                    yield from self._differing(f"{path}[{index}]", each, its)
            case _:
                yield path

    def _agree(self, path: str, one: Any, other: Any) -> bool:
        """Whether two values may stand for each other."""
        if (is_empty(one) and is_empty(other)) or same_plain(one, other):
            return True
        if isinstance(one, bool) and isinstance(other, bool):
            return False
        if _moment(one) or _moment(other):
            return self._same_moment(one, other)
        if is_empty(one) or is_empty(other):
            return self._may_go(path, one, other)
        worded = bool(_PROSE.fullmatch(path))
        if is_text(one) or (
            _is_word(one) and (is_text(other) or (worded and isinstance(other, str)))
        ):
            return self._says(one, other, worded=worded)
        return _is_same_word(one, other) or (_is_made(one) and not self.golden.holds(one))

    def _may_go(self, path: str, one: Any, other: Any) -> bool:
        """Whether a value that only one side gives is no news, or was not told to the agent.

        No news is what stands there already, and what is told besides of a part of the arguments
        that both sides name: `flights[0].price`.
        """
        value, ground = (other, self.actual) if is_empty(one) else (one, self.golden)
        told = ground.seen.holds
        is_known = self.updates or "." in path
        return all(is_known if told(leaf) else is_text(leaf) for leaf in _leaves(value))

    def _same_moment(self, one: Any, other: Any) -> bool:
        """Whether a day and time are those that the user named; others are the agent's choice."""
        moment, its = _moment(one), _moment(other)
        if moment == its or (moment and all(is_restated(form, its, "") for form in moment - its)):
            return True
        said = self.golden.said
        return not (said.states(moment) if moment else said.holds(one))

    def _says(self, text: str, other: Any, *, worded: bool) -> bool:
        """Whether the other text holds what the golden's was given; what it worded is free."""
        is_short = len(text.split()) <= _LONGEST_NAME
        is_told = (is_short or not worded) and self.golden.seen.holds(text)
        if not is_told and not self.golden.said.holds(text):
            return True
        mine, theirs = squeezed(text), squeezed(str(other))
        return mine in theirs or (is_short and bool(theirs) and theirs in mine)


def _leaves(value: Any) -> Iterator[Any]:
    match value:
        case Mapping():
            yield from (leaf for item in value.values() for leaf in _leaves(item))
        case list():
            yield from (leaf for item in value for leaf in _leaves(item))
        case _ if not is_empty(value):
            yield value


def _moment(value: Any) -> set[str]:
    """Facts of a value that is a date, a time or both; empty for another."""
    if not isinstance(value, str) or len(value) > _LONGEST_MOMENT:
        return set()
    text = folded(value.replace("T", " ") if _MOMENT.fullmatch(value) else value)
    found = facts(text)
    kinds = {form.partition(" ")[0] for form in found}
    if not found or not kinds <= {"date", "time"}:
        return set()
    rest = text
    for written in found.values():
        rest = rest.replace(written, "", 1)
    return set() if re.search(r"\w", rest) else set(found)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bare(value).isalpha()


def _is_same_word(one: Any, other: Any) -> bool:
    """Whether two words or codes are the same but for separators and the marks around them."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    mine = squeezed(one)
    return not mine.isdigit() and bool(mine) and mine == squeezed(other)


def _is_made(value: Any) -> bool:
    """Whether it is one of the things that agents make up: an address, a link, a code."""
    found = facts(value) if isinstance(value, str) else {}
    kinds = {form.partition(" ")[0] for form, written in found.items() if written == value.strip()}
    return bool(kinds & {"email", "url", "code"})
