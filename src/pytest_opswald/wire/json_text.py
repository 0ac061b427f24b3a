"""JSON that can be put back: parsing refuses what a parsed value could not say again."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

_ESCAPED = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
"""Line separators that `str.splitlines` knows, and lone surrogates, which UTF-8 does not."""

COMPACT = "compact"
_STYLES: dict[str, dict[str, Any]] = {
    COMPACT: {"separators": (",", ":")},
    "spaced": {"separators": (", ", ": ")},
    "indented": {"indent": 2},
}


def parse(text: str) -> Any:
    """The value of a JSON text. Raises ValueError when parsing would lose something.

    Lost would be a repeated key, NaN and infinities (no JSON), and a number beyond a float.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dump(value: Any, layout: str = COMPACT) -> bytes:
    """UTF-8, safe for clients that split text where Unicode does."""
    text = _ENCODERS[layout].encode(value)
    if text.isascii():
        return text.encode()
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", text).encode()


def layout_of(parts: Sequence[Any], body: bytes) -> str:
    """How a body writes these values: the layout that `dump` finds them by, compact if none."""
    for layout in _ENCODERS:
        if all(dump(part, layout) in body for part in parts):
            return layout
    return COMPACT


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("an object repeats a key")
    return value


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _finite(text: str) -> float:
    if math.isinf(value := float(text)):
        raise ValueError(f"{text} is beyond a float")
    return value


# Made once: `json.loads` and `json.dumps` make a new one at every call with options.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_distinct, parse_constant=_refused, parse_float=_finite
)
_ENCODERS = {
    f"{name}{', ascii' if ascii_only else ''}": json.JSONEncoder(ensure_ascii=ascii_only, **style)
    for ascii_only in (False, True)
    for name, style in _STYLES.items()
}
