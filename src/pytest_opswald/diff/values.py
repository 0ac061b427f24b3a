"""Leaf differences between two JSON documents, under dotted paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_opswald.trace.volatile import canonical, normalise, same

from .difference import Change, ChangeKind
from .gaps import best_path
from .keys import leaves, similarity
from .lcs import common

_KINDS: Mapping[str, ChangeKind] = {
    "values_changed": "changed",
    "type_changes": "type_changed",
    "dictionary_item_added": "added",
    "dictionary_item_removed": "removed",
    "iterable_item_added": "added",
    "iterable_item_removed": "removed",
}
Parts = tuple[str | int, ...]


def changes(path: str, expected: Any, actual: Any, *, exact: bool = False) -> tuple[Change, ...]:
    """What differs, leaf by leaf. List indexes are the expected side's, of additions the other's.

    Unless `exact`, leaves that differ only in volatile values are left out, as long as any other
    is there to explain the difference.
    """
    found = [
        _change(path, parts, kind, one, other)
        for parts, kind, one, other in _compared(expected, actual)
    ]
    telling = found if exact else [c for c in found if not same(c.expected, c.actual)]
    return tuple(telling or found)


Found = tuple[Parts, ChangeKind, Any, Any]


def _compared(expected: Any, actual: Any) -> Iterator[Found]:
    """DeepDiff compares lists by position or sees a swap as rewriting; conversations are aligned."""
    if not isinstance(expected, dict) or not isinstance(actual, dict):
        yield from _leaves(expected, actual)
        return
    lists = [
        name
        for name in expected
        if _is_conversation(expected[name]) and _is_conversation(actual.get(name))
    ]
    yield from _leaves(_without(expected, lists), _without(actual, lists))
    for name in lists:
        for parts, kind, one, other in _aligned(expected[name], actual[name]):
            yield (name, *parts), kind, one, other


def _is_conversation(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _without(document: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def _aligned(expected: list[Any], actual: list[Any]) -> Iterator[Found]:
    ones = [canonical(normalise(item)) for item in expected]
    others = [canonical(normalise(item)) for item in actual]
    i = j = 0
    for next_i, next_j in [*common(ones, others), (len(expected), len(actual))]:
        yield from _gap(expected, actual, range(i, next_i), range(j, next_j))
        i, j = next_i + 1, next_j + 1


def _gap(expected: list[Any], actual: list[Any], rows: range, columns: range) -> Iterator[Found]:
    path = best_path(
        len(rows), len(columns), lambda i, j: _alike(expected[rows[i]], actual[columns[j]])
    )
    paired = {rows[i]: columns[j] for i, j in path}
    for i in rows:
        if i not in paired:
            yield (i,), "removed", expected[i], None
            continue
        for parts, kind, one, other in _leaves(expected[i], actual[paired[i]]):
            yield (i, *parts), kind, one, other
    for j in columns:
        if j not in paired.values():
            yield (j,), "added", None, actual[j]


def _alike(one: dict[str, Any], other: dict[str, Any]) -> float:
    if any(one.get(key) != other.get(key) for key in ("role", "type")):
        return 0.0
    return similarity(leaves(one), leaves(other))


def _leaves(expected: Any, actual: Any) -> Iterator[Found]:
    if canonical(expected) == canonical(actual):
        return
    if not isinstance(expected, dict | list) or type(expected) is not type(actual):
        yield (), _kind(expected, actual), expected, actual
        return
    # deepdiff costs 370 ms to import: only a run that differs pays
    from deepdiff import DeepDiff

    tree = DeepDiff(
        expected,
        actual,
        view="tree",
        threshold_to_diff_deeper=0,
        ignore_private_variables=False,
        ignore_nan_inequality=True,
    )
    levels = [(level, _KINDS[group]) for group, found in tree.items() for level in found]
    found = [(tuple(level.path(output_format="list")), kind, level) for level, kind in levels]
    for parts, kind, level in sorted(found, key=lambda each: _place(each[0])):
        yield parts, kind, _side(level.t1, kind, "added"), _side(level.t2, kind, "removed")
    if not found:
        yield (), "changed", expected, actual


def _place(parts: Parts) -> list[str]:
    return [f"{part:06}" if isinstance(part, int) else part for part in parts]


def _side(value: Any, kind: ChangeKind, absent: ChangeKind) -> Any:
    return None if kind == absent else value


def _kind(expected: Any, actual: Any) -> ChangeKind:
    if expected is None or actual is None:
        return "added" if expected is None else "removed"
    return "changed" if type(expected) is type(actual) else "type_changed"


def _change(path: str, parts: Parts, kind: ChangeKind, expected: Any, actual: Any) -> Change:
    return Change(f"{path}{''.join(map(_step, parts))}", kind, expected, actual)


_PLAIN = re.compile(r"[^\s.\[\]\"]+")


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _PLAIN.fullmatch(part) else f'["{part}"]'
