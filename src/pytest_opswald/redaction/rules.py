"""Which rules are in force: all but those disabled, those asked for, and the user's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.trace.problems import did_you_mean

from . import contexts, json_strings, pem, pii, vendors
from .known import RULE as KNOWN
from .spans import Span

CUSTOM = "custom"
_LITERAL = "literal:"

IDS = (
    KNOWN,
    json_strings.RULE,
    pem.RULE,
    *vendors.RULES,
    *contexts.RULES,
    CUSTOM,
)
"""Every rule that is on by default."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as a secret in one session."""

    disabled: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    """Rules of `pii` that are asked for."""
    patterns: tuple[re.Pattern[str], ...] = ()
    """The user's own; where one has a group, the first group is the secret."""
    known: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    """Secret values that the project keeps, and what to call them."""

    @property
    def told(self) -> tuple[str, ...]:
        """What was asked for, in words; the same for equal settings."""
        own = (pattern.pattern for pattern in self.patterns)
        return (*sorted(self.disabled), *sorted(self.personal), *own)

    def custom(self, text: str) -> Iterator[Span]:
        """What the user's own patterns find."""
        for pattern in self.patterns:
            group = 1 if pattern.groups else 0
            for found in pattern.finditer(text):
                start, end = found.span(group)
                if start < end:
                    yield Span(start, end, CUSTOM, CUSTOM)


def rules(
    *,
    redact: Sequence[str] = (),
    patterns: Sequence[str] = (),
    disable: Sequence[str] = (),
    known: Mapping[str, str] | None = None,
) -> Rules:
    """The rules that the ini values ask for. Raises InvalidSetting."""
    _check("opswald_redact", redact, pii.RULES)
    _check("opswald_redact_disable", disable, IDS)
    own = tuple(map(_compiled, patterns))
    return Rules(frozenset(disable), frozenset(redact), own, known or {})


def _check(setting: str, given: Sequence[str], known_ids: Sequence[str]) -> None:
    for rule in given:
        if rule not in known_ids:
            hint = did_you_mean(rule, known_ids) or f", there are {', '.join(known_ids)}"
            raise InvalidSetting(f"ini {setting}: no rule is called {rule}{hint}")


def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern.startswith(_LITERAL):
        return re.compile(re.escape(pattern.removeprefix(_LITERAL).strip()))
    try:
        return re.compile(pattern)
    except re.error as error:
        raise InvalidSetting(
            f"ini opswald_redact_patterns: {pattern} is no regular expression: {error}"
        ) from None
