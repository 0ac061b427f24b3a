"""The arguments of a call by name, as a golden holds them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from inspect import BoundArguments, Parameter, Signature
from typing import Any

from pytest_opswald.capture.codec import encode


def bound(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Arguments by parameter name, defaults applied, encoded; never raises.

    The receiver of a method is left out, `**kwargs` stand beside the others. A call that does not
    fit the signature is told as it was made: `{"args": [...], "kwargs": {...}}`.
    """
    try:
        call = _signature(function).bind(*args, **kwargs)
        call.apply_defaults()
    except Exception:  # a signature may be anybody's code
        return {"args": encode(list(args)), "kwargs": encode(dict(kwargs))}
    return {name: encode(value) for name, value in _told(call)}


def _signature(function: Callable[..., Any]) -> Signature:
    if sys.version_info >= (3, 14):
        import annotationlib

        # Annotations may name what is imported for type checkers only.
        lenient = annotationlib.Format.FORWARDREF
        return inspect.signature(function, annotation_format=lenient)
    return inspect.signature(function)


def _told(call: BoundArguments) -> Iterator[tuple[str, Any]]:
    for position, (name, value) in enumerate(call.arguments.items()):
        if position == 0 and _is_receiver(name, value):
            continue
        match call.signature.parameters[name].kind:
            case Parameter.VAR_POSITIONAL:
                if value:
                    yield name, list(value)
            case Parameter.VAR_KEYWORD:
                yield from value.items()
            case _:
                yield name, value


def _is_receiver(name: str, value: Any) -> bool:
    return name == "self" or (name == "cls" and isinstance(value, type))
