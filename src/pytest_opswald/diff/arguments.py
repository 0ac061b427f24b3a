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
"""Words of a text that tools told and that counts as a name, `Dalton Street 123`."""
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

    def differing(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
        """Dotted paths of the arguments that do not agree."""
        for name in dict.fromkeys((*one, *other)):
            yield from self._differing(name, one.get(name), other.get(name))

    def _differing(self, path: str, one: Any, other: Any) -> Iterator[str]:
        if self._agree(one, other) or self._words(path, one, other):
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

    def _words(self, path: str, one: Any, other: Any) -> bool:
        """Whether a word stands where the agent words something: `subject`, `email_body`."""
        is_worded = _is_word(one) and isinstance(other, str) and not is_empty(other)
        return is_worded and bool(_PROSE.fullmatch(path)) and self._says(one, other)

    def _agree(self, one: Any, other: Any) -> bool:
        if (is_empty(one) and is_empty(other)) or same_plain(one, other):
            return True
        if isinstance(one, bool) and isinstance(other, bool):
            return False
        if _moment(one) or _moment(other):
            return self._same_moment(one, other)
        if is_empty(one):
            return _is_restated(other, self.actual)
        if is_empty(other):
            return _is_restated(one, self.golden)
        if is_text(one) or (is_text(other) and _is_word(one)):
            return self._says(one, other)
        return _is_same_word(one, other) or (_is_made(one) and not self.golden.holds(one))

    def _same_moment(self, one: Any, other: Any) -> bool:
        """Whether a day and time are those that the user named; others are the agent's choice."""
        moment, its = _moment(one), _moment(other)
        if moment == its or (moment and all(is_restated(form, its, "") for form in moment - its)):
            return True
        said = self.golden.said
        return not (said.states(moment) if moment else said.holds(one))

    def _says(self, text: str, other: Any) -> bool:
        """Whether the other text holds what the golden's was given; what it worded is free."""
        is_short = len(text.split()) <= _LONGEST_NAME
        if not self.golden.said.holds(text) and not (is_short and self.golden.seen.holds(text)):
            return True
        mine, theirs = squeezed(text), squeezed(str(other))
        return mine in theirs or (is_short and bool(theirs) and theirs in mine)


def _is_restated(value: Any, ground: Ground) -> bool:
    """Whether an argument that only one side gives tells nothing new."""
    match value:
        case Mapping():
            return all(is_empty(v) or _is_restated(v, ground) for v in value.values())
        case list():
            return all(_is_restated(v, ground) for v in value)
    return is_text(value) or ground.seen.holds(value)


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
