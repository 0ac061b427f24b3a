"""Strict JSON: one way to write it, and reading that names the line of whatever is wrong."""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, NoReturn

from pytest_opswald.errors import GoldenConflict, GoldenCorrupt

from . import json_positions

MOST_BYTES = 64 * 1024 * 1024
DEEPEST = json_positions.DEEPEST
WIDTH = 100
"""Columns within which an object or array stays on one line."""

_CONFLICT = re.compile(rb"^(?:<{7}|\|{7}|>{7}) .*$|^={7}\r?$", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_RESTORE = "Restore the file from version control, or record it again: pytest --opswald-record=all"


class _RepeatedKey(ValueError):
    pass


def dump(data: Any) -> str:
    """The text of a JSON value: keys in the order given, one column a level, LF at the end.

    Raises ValueError for NaN and infinities, TypeError for what is no JSON value.
    """
    text = "\n".join(_lines(data, 0)) + "\n"
    # Half of a surrogate pair is legal in JSON only as an escape, and never as UTF-8.
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def parse(content: bytes, path: Path) -> Any:
    """The value in a file. Raises GoldenConflict, else GoldenCorrupt, with line and column."""
    text = _decoded(content, path)
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        _refuse_conflict(content, path)
        raise _explained(text, path) from error
    if _too_deep(data):
        raise _explained(text, path)
    return data


def corrupt(
    path: Path, problem: str, *, text: str = "", position: int = 0, remedy: str = _RESTORE
) -> GoldenCorrupt:
    """The error for a problem at a character of the text."""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return GoldenCorrupt(path, problem, remedy=remedy, line=line, column=column)


def too_large(path: Path) -> GoldenCorrupt:
    """The error for a file above the limit."""
    return corrupt(path, f"larger than {MOST_BYTES // 2**20} MiB")


def _lines(value: Any, depth: int) -> list[str]:
    """The value as lines; the first without indentation, the others with theirs."""
    if isinstance(value, dict):
        members = [(f"{_string(key)}: ", _lines(item, depth + 1)) for key, item in value.items()]
        return _wrapped("{}", members, depth)
    if isinstance(value, list | tuple):
        return _wrapped("[]", [("", _lines(item, depth + 1)) for item in value], depth)
    if isinstance(value, str):
        return [encode_basestring(value)]
    return [json.dumps(value, allow_nan=False)]


def _string(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"keys of a JSON object are strings, not {key!r}")
    return str(encode_basestring(key))


def _wrapped(brackets: str, members: list[tuple[str, list[str]]], depth: int) -> list[str]:
    """Members between brackets: on one line where they fit."""
    short = all(len(lines) == 1 for _, lines in members)
    if short and depth + sum(len(key) + len(lines[0]) + 2 for key, lines in members) <= WIDTH:
        inside = ", ".join(key + lines[0] for key, lines in members)
        return [f"{brackets[0]}{inside}{brackets[1]}"]
    wrapped = [brackets[0]]
    indent = " " * (depth + 1)
    for key, lines in members:
        wrapped.append(f"{indent}{key}{lines[0]}")
        wrapped.extend(lines[1:])
        wrapped[-1] += ","
    wrapped[-1] = wrapped[-1][:-1]
    wrapped.append(" " * depth + brackets[1])
    return wrapped


def _decoded(content: bytes, path: Path) -> str:
    if len(content) > MOST_BYTES:
        raise too_large(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse_conflict(content, path)
        before = content[: error.start].decode("utf-8", "replace")
        raise corrupt(path, "not UTF-8 text", text=before, position=len(before)) from None
    if not text.strip():
        raise corrupt(path, "the file is empty")
    return text


def _refuse_conflict(content: bytes, path: Path) -> None:
    """Of what is no JSON: inside a string of it there is no line break, so these lines are git's."""
    if found := _CONFLICT.search(content):
        raise GoldenConflict(
            path,
            "merge conflict markers",
            remedy="Resolve the conflict, or keep one side: git checkout --ours (or --theirs) "
            f"-- {path.name}",
            line=content.count(b"\n", 0, found.start()) + 1,
        )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _RepeatedKey
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _too_deep(data: Any) -> bool:
    level = [data] if type(data) is dict or type(data) is list else []
    for _ in range(DEEPEST):
        if not level:
            return False
        # Exact types: they are what the parser makes, and this runs on every load.
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
    return bool(level)


def _explained(text: str, path: Path) -> GoldenCorrupt:
    """What the parser met, found again by a slower reader that keeps positions."""
    problem, position = json_positions.first_problem(text)
    return corrupt(path, problem, text=text, position=position)
