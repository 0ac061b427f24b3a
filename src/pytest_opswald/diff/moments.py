"""Values that are a date, a time or both."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from .facts import facts
from .restated import is_restated
from .wording import folded

_MOMENT = re.compile(r"[\dTZ:.,+/\- ]*(?:[ap]\.?m\.?)?", re.IGNORECASE)
_LONGEST_MOMENT = len("Wednesday, September 30, 2026 at 10:00 p.m.")


def moment_of(value: Any) -> set[str]:
    """Facts of a value that is a date, a time or both; empty for another."""
    if not isinstance(value, str) or len(value) > _LONGEST_MOMENT:
        return set()
    text = folded(value.replace("T", " ").rstrip("Z") if _MOMENT.fullmatch(value) else value)
    found = facts(text)
    kinds = {form.partition(" ")[0] for form in found}
    if not found or not kinds <= {"date", "time"}:
        return set()
    rest = text
    for written in found.values():
        rest = rest.replace(written, "", 1)
    return set() if re.search(r"\w", rest) else set(found)


def told_otherwise(moment: set[str], one: str, other: Any) -> set[str]:
    """What another value does not tell of a moment: nothing or all of it, if both have a zone."""
    instants = _instant(one), _instant(other)
    if all(instants):
        return set() if instants[0] == instants[1] else moment
    its = moment_of(other)
    return {form for form in moment - its if not is_restated(form, its, "")}


def _instant(value: Any) -> datetime | None:
    """The time that a value tells with its zone."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
