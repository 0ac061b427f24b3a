"""Texts that a stream delivers in pieces, each in an event of its own.

What is said at one place of events of one kind is one text, however it was cut: the place is
the path to the leaf, the kind is the event's name and type, and `index` counters on the way tell
parallel texts apart. Log probabilities say a text once more, token by token, also in one answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from .redactor import Redactor

Path = tuple[str | int, ...]
Channel = tuple[Path, tuple[Any, ...]]


def redacted_events(events: Sequence[Any], redactor: Redactor) -> list[Any]:
    """Events, or lines, as JSON; texts are put together, redacted and cut where they were cut."""
    channels: dict[Channel, list[tuple[int, Path, str]]] = defaultdict(list)
    for number, event in enumerate(events):
        for (path, counters), text in _texts(event):
            channels[_text_of(path), counters].append((number, path, text))
    changed: dict[int, dict[Path, Any]] = defaultdict(dict)
    for said in channels.values():
        pieces = [text for _, _, text in said]
        if not _moves(pieces):
            continue
        for (number, path, old), new in zip(said, redactor.pieces(pieces), strict=True):
            if new != old:
                changed[number] |= _in_the_place_of(path, new)
    whole = [_with(event, changed.get(n, {})) for n, event in enumerate(events)]
    return [redactor.value(event) for event in whole]


def _text_of(path: Path) -> Path:
    """What a piece is a piece of: tokens stand in a list, and make one text."""
    return (*path[:-2], path[-1]) if _is_token(path) else path


def _in_the_place_of(path: Path, new: str) -> dict[Path, Any]:
    """The new piece; what else is said of a token is that of the old one."""
    if not _is_token(path):
        return {path: new}
    entry = path[:-1]
    return {path: new, (*entry, "bytes"): list(new.encode()), (*entry, "top_logprobs"): []}


def _is_token(path: Path) -> bool:
    return path[-1:] == ("token",) and "logprobs" in path and "top_logprobs" not in path


def _moves(pieces: Sequence[str]) -> bool:
    """Whether they are pieces of something: an id that every event repeats is not."""
    return len(pieces) > 1 and any(piece != pieces[0] for piece in pieces)


def _texts(event: Any) -> Iterator[tuple[Channel, str]]:
    yield from _leaves(event, (), (_said(event, "event"), _said(_said(event, "data"), "type")))


def _said(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _leaves(value: Any, path: Path, counters: tuple[Any, ...]) -> Iterator[tuple[Channel, str]]:
    match value:
        case str():
            yield (path, counters), value
        case dict():
            here = tuple(
                (key, item)
                for key, item in value.items()
                if isinstance(item, int) and key.endswith("index")
            )
            for key, item in value.items():
                yield from _leaves(item, (*path, key), (*counters, *here))
        case list():
            for place, item in enumerate(value):
                yield from _leaves(item, (*path, place), counters)


def _with(value: Any, texts: dict[Path, Any]) -> Any:
    """A copy with something else at some places, where there is something."""
    if () in texts:
        return texts[()]
    if not texts:
        return value
    inner: dict[str | int, dict[Path, Any]] = defaultdict(dict)
    for (first, *rest), text in texts.items():
        inner[first][tuple(rest)] = text
    if isinstance(value, dict):
        return {key: _with(item, inner.get(key, {})) for key, item in value.items()}
    return [_with(item, inner.get(place, {})) for place, item in enumerate(value)]
