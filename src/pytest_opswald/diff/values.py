"""Leaf differences between two JSON documents, under dotted paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_opswald.trace.volatile import equal, same

from .conversation import apart
from .difference import Change, ChangeKind

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
    if (expected is None) != (actual is None):
        yield (), "added" if expected is None else "removed", expected, actual
        return
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
        for parts, kind, one, other in _of_conversations(expected[name], actual[name]):
            yield (name, *parts), kind, one, other


def _is_conversation(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _without(document: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def _of_conversations(expected: list[Any], actual: list[Any]) -> Iterator[Found]:
    for places in apart(expected, actual):
        match places:
            case (int(i), None):
                yield (i,), "removed", expected[i], None
            case (None, int(j)):
                yield (j,), "added", None, actual[j]
            case (int(i), int(j)):
                for parts, kind, one, other in _leaves(expected[i], actual[j]):
                    yield (i, *parts), kind, one, other


def _leaves(expected: Any, actual: Any) -> Iterator[Found]:
    if equal(expected, actual):
        return
    match expected, actual:
        case (dict(), dict()):
            yield from _of_documents(expected, actual)
        case (list(), list()):
            yield from _of_lists(expected, actual)
        case _:
            alike = type(expected) is type(actual)
            yield (), "changed" if alike else "type_changed", expected, actual


def _of_documents(expected: dict[str, Any], actual: dict[str, Any]) -> Iterator[Found]:
    for name in sorted({*expected, *actual}):
        if name not in actual:
            yield (name,), "removed", expected[name], None
        elif name not in expected:
            yield (name,), "added", None, actual[name]
        else:
            for parts, kind, one, other in _leaves(expected[name], actual[name]):
                yield (name, *parts), kind, one, other


def _of_lists(expected: list[Any], actual: list[Any]) -> Iterator[Found]:
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


def _change(path: str, parts: Parts, kind: ChangeKind, expected: Any, actual: Any) -> Change:
    return Change(f"{path}{''.join(map(_step, parts))}", kind, expected, actual)


_PLAIN = re.compile(r"[^\s.\[\]\"]+")


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _PLAIN.fullmatch(part) else f'["{part}"]'
