"""Dates as tools and models write them for each other: ISO 8601, or typed values of a golden."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


def moment_of(value: Any) -> datetime | None:
    """The moment that a value tells; midnight for a date. None where it tells none."""
    match value:
        case str() if "-" in value:
            return _parsed(value)
        case {"$type": "date" | "datetime", "value": str(text), **rest} if not rest:
            return _parsed(text)
    return None


def is_date(wanted: Any, value: Any) -> bool:
    """Whether a value is a date; with a text, the day or, if it tells a time, the moment it names."""
    found = moment_of(value)
    if found is None or wanted is True:
        return found is not None
    return (
        found.date() == date.fromisoformat(wanted)
        if _is_day(wanted)
        else found == moment_of(wanted)
    )


def names_date(wanted: Any) -> bool:
    """Whether it is something to hold dates against."""
    return wanted is True or (not isinstance(wanted, Mapping) and moment_of(wanted) is not None)


def _is_day(text: str) -> bool:
    return len(text) == len("2026-03-05")


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None
