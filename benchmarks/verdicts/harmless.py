"""Harmless changes: what no golden should cry out about."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_opswald.trace.structural import is_text
from pytest_opswald.trace.trace import Trace

from .edits import (
    Mutation,
    Pairs,
    answering,
    arguments,
    figures,
    leaves,
    put,
    saying,
    use,
    with_arguments,
    with_figures,
    writes,
)
from .faults import DOCUMENT

_UNBROKEN = {ord("-"): "\u2011", ord(" "): "\u00a0"}
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _given(change: Callable[[Any], Any]) -> Mutation:
    """All arguments of all writes at once."""

    def mutants(trace: Trace) -> Pairs:
        mutant = trace
        for call in writes(trace):
            given = arguments(trace, call)
            for path, value in leaves(given):
                given = put(given, path, change(value))
            mutant = with_arguments(mutant, call, given)
        if mutant != trace:
            yield trace, mutant

    return mutants


def _texts(change: Callable[[str], str]) -> Mutation:
    return _given(lambda value: change(value) if is_text(value) else value)


def _dates(change: Callable[[str], str]) -> Mutation:
    return _given(lambda v: change(v) if isinstance(v, str) and _DAY.fullmatch(v) else v)


def _long(day: str) -> str:
    months = "January February March April May June July August September October November December"
    year, month, number = map(int, day.split("-"))
    return f"{months.split()[month - 1]} {number}, {year}"


def _null_added(trace: Trace) -> Pairs:
    mutant = trace
    for call in writes(trace):
        mutant = with_arguments(mutant, call, {"note": None, **arguments(mutant, call)})
    yield trace, mutant


def _reversed(trace: Trace) -> Pairs:
    """The writes, each with its result."""
    uses = [use(trace, call) for call in writes(trace)]
    if len({len(one) for one in uses}) == 1:
        steps = list(trace.steps)
        for one, other in zip(uses, reversed(uses), strict=True):
            for place, its in zip(one, other, strict=True):
                steps[place] = trace.steps[its]
        yield trace, Trace.of(steps)


def _read_twice(trace: Trace) -> Pairs:
    reads = [step for place, step in enumerate(trace.steps[:-1]) if place not in writes(trace)]
    written = [place for call in writes(trace) for place in use(trace, call)]
    if not written:
        yield trace, Trace.of([*reads, *trace.steps])


def _said(change: Callable[[str], str]) -> Mutation:
    def mutants(trace: Trace) -> Pairs:
        golden = answering(trace)
        said = golden.final_message or ""
        if said.strip():
            yield golden, saying(golden, change(said))

    return mutants


def _figures(write: Callable[[str], str]) -> Mutation:
    """All figures of an answer in another writing."""

    def mutants(trace: Trace) -> Pairs:
        golden = answering(trace)
        said = golden.final_message or ""
        if found := figures(golden, said):
            yield golden, saying(golden, with_figures(said, write, found))

    return mutants


def _grouped(mark: str) -> Callable[[str], str]:
    def write(number: str) -> str:
        whole, point, rest = number.replace(",", "").partition(".")
        return f"{int(whole):,}".replace(",", mark) + point + rest

    return write


def _in_words(number: str) -> str:
    return _WORDS[int(number)] if number.isdigit() and int(number) < len(_WORDS) else number


def _json(write: Callable[[dict[str, Any]], str]) -> Mutation:
    def mutants(trace: Trace) -> Pairs:
        golden = saying(answering(trace), json.dumps(DOCUMENT))
        yield golden, saying(golden, write(DOCUMENT))

    return mutants


HARMLESS: Mapping[str, Mutation] = {
    "numbers as texts": _given(lambda v: str(v) if isinstance(v, float) else v),
    "white space and case": _given(lambda v: f" {v.upper()} " if isinstance(v, str) else v),
    "days in words": _dates(_long),
    "days with a time": _dates(lambda day: f"{day}T00:00:00Z"),
    "null arguments, other order": _null_added,
    "writes in another order": _reversed,
    "reads repeated": _read_twice,
    "sent texts with a greeting": _texts(lambda text: f"Hello,\n\n{text}\n\nBest regards"),
    "sent texts in quotes, with hyphens and spaces that do not break": _texts(
        lambda text: "\u201c" + text.translate(_UNBROKEN) + "\u201d"
    ),
    "politeness around an answer": _said(lambda said: f"Of course! {said} Anything else?"),
    "its lines in another order": _said(lambda said: "\n".join(said.split("\n")[::-1])),
    "upper case": _said(str.upper),
    "spaces that do not break": _said(lambda said: said.replace(" ", "\u00a0")),
    "figures in bold": _figures(lambda number: f"**{number}**"),
    "in a table": _figures(lambda number: f" | {number} | "),
    "with a currency before": _figures(lambda number: f"EUR{number}"),
    "with a currency after": _figures(lambda number: f"{number} \u20ac"),
    "with commas": _figures(_grouped(",")),
    "with narrow spaces": _figures(_grouped("\u202f")),
    "in words": _figures(_in_words),
    "JSON with keys in another order": _json(
        lambda value: json.dumps(dict([*value.items()][::-1]))
    ),
    "JSON in a fence": _json(lambda value: f"```json\n{json.dumps(value, indent=1)}\n```"),
    "JSON with more in it": _json(lambda value: json.dumps({**value, "sure": 0.9})),
}
"""By what they do."""
