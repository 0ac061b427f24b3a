"""Facts that a message tells in another form than the one they are compared by."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_GROUPED = 8
"""Characters from which a code is written in groups: an account, a phone number."""


def is_restated(form: str, stated: Collection[str], said: str) -> bool:
    """Whether a fact is told all the same.

    `stated` are the forms of the facts that a message tells, `said` is its text in lower case.
    """
    kind, _, name = form.partition(" ")
    tells = _TELLS.get(kind)
    return tells is not None and tells(name, stated, said)


def opposite(form: str) -> str | None:
    """The same number with the other sign; None for a fact that is no number."""
    kind, _, name = form.partition(" ")
    if kind != "number":
        return None
    return f"number {name[1:]}" if name.startswith("-") else f"number -{name}"


def _date(name: str, stated: Collection[str], said: str) -> bool:
    """The year may be left out; of the two days that `3/5/2026` may be, either will do."""
    days = [day for date in _of_kind("date", stated) for day in _days(date)]
    return any(
        day == mine or day.endswith(f"-{mine}") or mine.endswith(f"-{day}")
        for mine in _days(name)
        for day in days
    )


def _days(form: str) -> list[str]:
    month, slash, day = form.partition("/")
    year, _, first = month.partition("-")
    return [f"{year}-{first}-{day}", f"{year}-{day}-{first}"] if slash else [form]


def _number(name: str, stated: Collection[str], said: str) -> bool:
    """In words, or as the year of a date."""
    if name.isdigit() and int(name) < len(_WORDS):
        return re.search(rf"\b{_WORDS[int(name)]}\b", said) is not None
    return any(date.startswith(f"{name}-") for date in _of_kind("date", stated))


def _code(name: str, stated: Collection[str], said: str) -> bool:
    return name in (said.replace(" ", "") if len(name) >= _GROUPED else said)


def _name(name: str, stated: Collection[str], said: str) -> bool:
    """A name needs no quotes around it, a link no scheme."""
    return name.casefold() in said


def _of_kind(kind: str, stated: Collection[str]) -> list[str]:
    return [form.removeprefix(f"{kind} ") for form in stated if form.startswith(f"{kind} ")]


_TELLS: Mapping[str, Callable[[str, Collection[str], str], bool]] = {
    "date": _date,
    "number": _number,
    "code": _code,
    "name": _name,
    "url": _name,
}
