"""Values without parts: what each says in its envelope, and how it is read back."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

Payload = Mapping[str, Any]

_BITS = 1024
"""Longer integers are written in base 16: JSON readers bound the decimal digits."""


class Scalar(NamedTuple):
    """One kind of envelope."""

    kind: str
    dump: Callable[[Any], Payload]
    load: Callable[[Payload], Any]


def plain(value: Any) -> bool:
    """Whether an exact None, bool, str, int or float is JSON as it stands."""
    match value:
        case str():
            return value.isascii() or _encodes(value)
        case float():
            return math.isfinite(value)
        case bool() | None:
            return True
        case int():
            return value.bit_length() <= _BITS
    return False


def _encodes(text: str) -> bool:
    """Whether UTF-8 can hold it: lone surrogates are legal in Python, not in a file."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _escape(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")


def _unescape(text: str) -> str:
    return text.encode("ascii").decode("unicode_escape")


def _worded(kind: str, dump: Callable[[Any], str], load: Callable[[str], Any]) -> Scalar:
    """A scalar whose payload is one text."""

    def write(value: Any) -> Payload:
        said = dump(value)
        said.encode()  # a path may hold lone surrogates: the caller then keeps its repr
        return {"value": said}

    return Scalar(kind, write, lambda said: load(said["value"]))


def _dump_bytes(value: bytes | bytearray) -> Payload:
    # As text where it is text: people read goldens, and so does the redaction of secrets.
    try:
        return {"utf8": value.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _load_bytes(said: Payload) -> bytes:
    return said["utf8"].encode() if "utf8" in said else base64.b64decode(said["base64"])


def _dump_datetime(value: datetime) -> Payload:
    zone = {"zone": value.tzinfo.key} if isinstance(value.tzinfo, ZoneInfo) else {}
    fold = {"fold": 1} if value.fold else {}
    return {"value": datetime.isoformat(value), **zone, **fold}


def _load_datetime(said: Payload) -> datetime:
    value = datetime.fromisoformat(said["value"])
    if zone := said.get("zone"):
        value = value.replace(tzinfo=ZoneInfo(zone))
    return value.replace(fold=said.get("fold", 0))


def _dump_timedelta(value: timedelta) -> Payload:
    parts = {"days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}
    return {name: part for name, part in parts.items() if part}


def _load_timedelta(said: Payload) -> timedelta:
    return timedelta(**{name: part for name, part in said.items() if name != "$type"})


def _load_range(said: Payload) -> range:
    return range(said["start"], said["stop"], said["step"])


_PATH = _worded("path", Path.as_posix, Path)

SCALARS: dict[type, Scalar] = {
    str: _worded("str", _escape, _unescape),
    int: _worded("int", hex, lambda said: int(said, 16)),
    float: _worded("float", repr, float),
    complex: _worded("complex", repr, complex),
    bytes: Scalar("bytes", _dump_bytes, _load_bytes),
    bytearray: Scalar("bytearray", _dump_bytes, lambda said: bytearray(_load_bytes(said))),
    datetime: Scalar("datetime", _dump_datetime, _load_datetime),
    date: _worded("date", date.isoformat, date.fromisoformat),
    time: _worded("time", time.isoformat, time.fromisoformat),
    timedelta: Scalar("timedelta", _dump_timedelta, _load_timedelta),
    Decimal: _worded("decimal", str, Decimal),
    UUID: _worded("uuid", str, UUID),
    type(Path()): _PATH,
    PurePosixPath: _worded("posix_path", str, PurePosixPath),
    PureWindowsPath: _worded("windows_path", str, PureWindowsPath),
    range: Scalar(
        "range", lambda v: {"start": v.start, "stop": v.stop, "step": v.step}, _load_range
    ),
    type(...): Scalar("ellipsis", lambda _: {}, lambda _: ...),
}
"""By exact type; the JSON natives are here for the values that JSON can't hold."""

BY_KIND: dict[str, Scalar] = {scalar.kind: scalar for scalar in SCALARS.values()}
