"""Planted faults: what a golden must not let through, one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from pytest_opswald.trace.steps import Error, StepError, ToolCall
from pytest_opswald.trace.structural import is_text
from pytest_opswald.trace.trace import Trace

from .edits import (
    Mutation,
    Pairs,
    Path,
    answering,
    arguments,
    figures,
    leaves,
    put,
    saying,
    use,
    with_arguments,
    with_figures,
    with_result,
    with_steps,
    without,
    writes,
)
from .gates import EFFECTS

REFUSAL = "I'm sorry, but I can't help with that."
DOCUMENT = {"team": "billing", "urgent": True, "count": 3, "tags": ["a", "b"], "by": {"id": "u-7"}}
SENT = {"body", "content"}


def _each_leaf(trace: Trace) -> Iterator[tuple[int, Path, Any]]:
    for call in writes(trace):
        for path, value in leaves(arguments(trace, call)):
            yield call, path, value


def _changed(is_meant: Callable[[Any], bool], change: Callable[[Any], Any]) -> Mutation:
    """Each argument of a kind in turn."""

    def mutants(trace: Trace) -> Pairs:
        for call, path, value in _each_leaf(trace):
            if is_meant(value):
                given = put(arguments(trace, call), path, change(value))
                yield trace, with_arguments(trace, call, given)

    return mutants


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_word(value: Any) -> bool:
    """An id, a name, an address; what begins with a year is a date."""
    is_one = isinstance(value, str) and bool(value) and not is_text(value)
    return is_one and not value.startswith("20")


def _left_out(trace: Trace) -> Pairs:
    for call, path, value in _each_leaf(trace):
        if (_is_number(value) or _is_word(value)) and path[-1] != "subject":
            yield trace, with_arguments(trace, call, put(arguments(trace, call), path, None))


def _added(trace: Trace) -> Pairs:
    for call in writes(trace):
        yield trace, with_arguments(trace, call, {**arguments(trace, call), "limit": 9771})


def _sent(change: Callable[[Trace, str], str]) -> Mutation:
    """Texts that are sent, in turn."""

    def mutants(trace: Trace) -> Pairs:
        for call, path, value in _each_leaf(trace):
            if path[-1] in SENT and (other := change(trace, value)) != value:
                given = put(arguments(trace, call), path, other)
                yield trace, with_arguments(trace, call, given)

    return mutants


def _more(number: str) -> str:
    return f"{float(number.replace(',', '')) + 1:g}"


def _dropped(trace: Trace) -> Pairs:
    yield from ((trace, without(trace, use(trace, call))) for call in writes(trace))


def _twice(trace: Trace) -> Pairs:
    for call in writes(trace):
        step = trace.steps[call]
        if isinstance(step, ToolCall) and EFFECTS.of(step.input.tool) == "write":
            yield trace, _with_more(trace, trace, call)


def _besides(trace: Trace) -> Pairs:
    for call, path, value in _each_leaf(trace):
        if _is_word(value):
            given = put(arguments(trace, call), path, f"x{value}")
            yield trace, _with_more(trace, with_arguments(trace, call, given), call)


def _with_more(trace: Trace, other: Trace, call: int) -> Trace:
    """The run with a call of another one behind its own."""
    places = use(trace, call)
    end = places[-1] + 1
    more = [other.steps[place] for place in places]
    return Trace.of([*trace.steps[:end], *more, *trace.steps[end:]])


def _failing(told: Any) -> Mutation:
    def mutants(trace: Trace) -> Pairs:
        yield from ((trace, with_result(trace, call, told)) for call in writes(trace))

    return mutants


def _exchanged(trace: Trace) -> Pairs:
    """A word or number of one call for that of another call of the tool."""
    for one, other in combinations(writes(trace), 2):
        mine, its = arguments(trace, one), arguments(trace, other)
        if mine.keys() != its.keys() or sum(mine[name] != its[name] for name in mine) < 2:
            continue
        for name in mine:
            if mine[name] != its[name] and not is_text(mine[name]):
                swapped = with_arguments(trace, one, {**mine, name: its[name]})
                yield trace, with_arguments(swapped, other, {**its, name: mine[name]})


def _answered(change: Callable[[Trace, str], str]) -> Mutation:
    def mutants(trace: Trace) -> Pairs:
        golden = answering(trace)
        said = golden.final_message or ""
        if said.strip() and (other := change(golden, said)) != said:
            yield golden, saying(golden, other)

    return mutants


def _figure(least: int, most: int, changed: int) -> Mutation:
    """So many of the answer's figures, where it states from `least` to `most` of them."""

    def change(trace: Trace, said: str) -> str:
        found = figures(trace, said)
        return with_figures(said, _more, found[:changed] if least <= len(found) <= most else [])

    return _answered(change)


def _json(trace: Trace) -> Pairs:
    golden = saying(answering(trace), json.dumps(DOCUMENT))
    for path, value in leaves(DOCUMENT):
        other = value + 1 if _is_number(value) else not value if value is True else f"{value}x"
        yield golden, saying(golden, json.dumps(put(DOCUMENT, path, other)))


def _broken_off(trace: Trace) -> Pairs:
    error = Error(status="error", error=StepError(type="agent_error", message="boom"))
    yield trace, with_steps(trace, {len(trace.steps) - 1: error})


FAULTS: Mapping[str, Mutation] = {
    "a write with another word, id or address": _changed(_is_word, lambda value: f"x{value}"),
    "a number one more": _changed(_is_number, lambda value: value + 1),
    "a number with the other sign": _changed(_is_number, lambda value: -value or 1),
    "a flag turned": _changed(lambda value: isinstance(value, bool), lambda value: not value),
    "an argument left out": _left_out,
    "an argument added": _added,
    "figures of a sent text changed": _sent(
        lambda trace, text: with_figures(text, _more, figures(trace, text))
    ),
    "a sent text emptied": _sent(lambda trace, text: ""),
    "a write left out": _dropped,
    "a write done twice": _twice,
    "a write to somebody else besides": _besides,
    "a write that failed, as an object": _failing({"status": 404, "message": "no such user"}),
    "a write that failed, as text": _failing("Error: no such user"),
    "values of two calls exchanged": _exchanged,
    "an answer's only figure changed": _figure(1, 1, 1),
    "all of its several figures changed": _figure(2, 99, 99),
    "one of its several figures changed": _figure(2, 99, 1),
    "no answer": _answered(lambda trace, said: ""),
    "a refusal for an answer": _answered(lambda trace, said: REFUSAL),
    "another leaf of a JSON answer": _json,
    "an error at the end": _broken_off,
}
"""By what they do."""
