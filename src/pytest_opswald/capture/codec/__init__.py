"""Python values as strict JSON and back, types kept.

JSON natives pass through, key order kept. Everything else becomes an envelope
`{"$type": kind, ...}`: see `scalars` for dates, numbers, bytes and paths, `encoding` for
containers, `classes` for enums, dataclasses, named tuples, pydantic models and exceptions.
What can't be restored is kept as text, `{"$type": "repr", "of": "module:Class", "repr": ...}`, and
comes back as `Unrestored`.

Neither direction raises, and neither runs code that a golden names: decoding fills instances of
classes that the program has already loaded without calling their constructors.
"""

from __future__ import annotations

from .decoding import decode, decode_error
from .encoding import Json, encode
from .unrestored import Unrestored

__all__ = ["Json", "Unrestored", "decode", "decode_error", "encode"]
