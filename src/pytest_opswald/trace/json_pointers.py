"""`{"$ref": "/order/id"}`: what stands elsewhere in the value that is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .volatile import canonical


@dataclass(frozen=True)
class Pointed:
    """What a pointer leads to, meant literally."""

    found: tuple[Any, ...]
    """Empty where it leads nowhere: then nothing equals it."""

    def equals(self, value: Any) -> bool:
        return any(canonical(each) == canonical(value) for each in self.found)


def is_pointer(value: Any) -> bool:
    return isinstance(value, str) and (not value or value.startswith("/"))


def bound(pattern: Any, root: Any) -> Any:
    """A pattern with what its pointers lead to below `root`."""
    match pattern:
        case {"$ref": str(pointer), **rest} if not rest:
            return Pointed(_found(pointer, root))
        case Mapping():
            # a schema has references of its own
            return {k: v if k == "$schema" else bound(v, root) for k, v in pattern.items()}
        case list() | tuple():
            return [bound(item, root) for item in pattern]
    return pattern


def _found(pointer: str, root: Any) -> tuple[Any, ...]:
    here = root
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        match here:
            case Mapping() if name in here:
                here = here[name]
            case list() if name.isdecimal() and int(name) < len(here):
                here = here[int(name)]
            case _:
                return ()
    return (here,)
