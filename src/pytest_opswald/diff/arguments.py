"""The arguments of two tool calls that ought to do the same.

Numbers, words and flags must agree. A text that the agent worded itself is free, as is a date it
chose or an address it made up; what it was given, a quoted message, a name, a day, an id, must come
through, and figures in its own texts must not contradict each other. A subject or a note is a text,
be it one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_opswald.trace.structural import is_empty, is_text, same_plain, scalars

from .facts import contradict, facts
from .grounding import Ground
from .moments import moment_of, told_otherwise
from .wording import bare, squeezed

_LONGEST_NAME = 4
"""Words of a name that tools told and that must come through in prose, too: `Dalton Street 123`."""
_MOST_PAIRED = 60
"""Items of a list of which each is compared with each; those of longer ones have their order."""
_PROSE = re.compile(
    r"(?:.*[._])?(?:body|caption|comment|content|description|memo|message|notes?|subject|summary"
    r"|text|title)",
    re.IGNORECASE,
)
"""Arguments that are worded, not chosen."""
_SAYING = re.compile(r"(?:.*[._])?(?:body|content|message|text|title)", re.IGNORECASE)
"""Those that are the point of the call: without one, nothing was said."""
_NAMING = re.compile(r"(?:.*[._])?(?:code|id|key|number)s?|.*(?:Code|Id|Key|Number)s?")
"""Arguments that say which thing is meant."""


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
                for place, each, its in self._paired(path, ones, others):
                    yield from self._differing(place, each, its)
            case _:
                yield path

    def _paired(
        self, path: str, ones: list[Any], others: list[Any]
    ) -> Iterator[tuple[str, Any, Any]]:
        """Items with the golden's paths: as they come, or those that agree first, in any order."""
        left, alone = list(others), []
        for index, one in enumerate(ones):
            place = f"{path}[{index}]"
            tried = enumerate(left if len(ones) <= _MOST_PAIRED else [])
            agreeing = (i for i, its in tried if not any(self._differing(place, one, its)))
            if (found := next(agreeing, None)) is None:
                alone.append((place, one))
            else:
                left.pop(found)
        yield from ((place, one, its) for (place, one), its in zip(alone, left, strict=True))

    def _agree(self, path: str, one: Any, other: Any) -> bool:
        """Whether two values may stand for each other."""
        if (is_empty(one) and is_empty(other)) or same_plain(one, other):
            return True
        if isinstance(one, bool) and isinstance(other, bool):
            return False
        if moment_of(one) or moment_of(other):
            return self._same_moment(path, one, other)
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
        that both sides name: `flights[0].price`. A whole part is news, and what names a thing.
        """
        value, ground = (other, self.actual) if is_empty(one) else (one, self.golden)
        names = isinstance(value, Mapping | list) or _NAMING.fullmatch(path)
        is_known = (self.updates or "." in path) and not names
        is_silent = is_empty(other) and _SAYING.fullmatch(path)
        return all(
            is_known if ground.seen.holds(leaf) else is_text(leaf) and not is_silent
            for leaf in scalars(value)
            if not is_empty(leaf)
        )

    def _same_moment(self, path: str, one: Any, other: Any) -> bool:
        """Whether a day and time are those that the user named; others are the agent's choice.

        So is no day of a part, if a tool told it: `flights[0].date`, `passengers[0].born`.
        """
        moment = moment_of(one)
        if not moment:
            return not self.golden.said.holds(one)
        given = self.golden if "." in path else self.golden.said
        return not any(given.states({form}) for form in told_otherwise(moment, one, other))

    def _says(self, text: str, other: Any, *, worded: bool) -> bool:
        """Whether the other text holds what the golden's was given; what it worded is free."""
        is_short = len(text.split()) <= _LONGEST_NAME
        is_told = (is_short or not worded) and self.golden.seen.holds(text)
        if not is_told and not self.golden.said.holds(text):
            return not contradict(text, str(other))
        mine, theirs = squeezed(text), squeezed(str(other))
        return mine in theirs or (is_short and bool(theirs) and theirs in mine)


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
