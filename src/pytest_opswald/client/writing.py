"""Arguments of a method, written as path, query and body."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal, get_type_hints
from urllib.parse import quote

import pydantic

from pytest_opswald.api.base import Body
from pytest_opswald.api.ids import Kind, new_id
from pytest_opswald.api.problems import field_of
from pytest_opswald.errors import ValidationError

Once = tuple[str, Kind] | Literal["same content"] | None
"""Why a POST may be sent again: the field of its own id, which is made up when it is not given, and
that id's kind; or that the same content twice is the same as once."""

_ID = re.compile(r"\{(\w+)\}")
_HALF = re.compile("[\ud800-\udfff]")
"""Half of a character, which no URL can hold."""


def named_ids(path: str, ids: Sequence[Any]) -> dict[str, str]:
    """The ids of a path by name. Raises ValidationError for what is none, and TypeError."""
    names = _ID.findall(path)
    if len(names) != len(ids):
        raise TypeError(f"{path} takes {len(names)} ids, not {len(ids)}")
    named = dict(zip(names, ids, strict=True))
    for name, value in named.items():
        if not isinstance(value, str) or value in {"", ".", ".."} or _HALF.search(value):
            raise ValidationError(f"{value!r} is no id", {"field": name})
    return named


def path_of(path: str, ids: Mapping[str, str]) -> str:
    """The path with its ids, quoted."""
    return path.format(**{name: quote(value, safe="") for name, value in ids.items()})


def written(takes: Callable[..., Body], fields: Mapping[str, Any], once: Once) -> Body:
    """The document, with an id of its own. Raises ValidationError as the server would."""
    try:
        document = takes(**fields)
        document.model_dump_json()
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        told = {"field": field_of(first["loc"]), "expected": first["msg"]}
    except ValueError as error:
        told = {"expected": f"what JSON can hold: {error}"}
    else:
        return _identified(document, once)
    raise ValidationError("Invalid request", told)  # apart, so that no input hangs on it


def _identified(document: Body, once: Once) -> Body:
    if not isinstance(once, tuple) or getattr(document, once[0]) is not None:
        return document
    return document.model_copy(update={once[0]: new_id(once[1])})


def once_key(once: Once, path: str, document: Body, body: bytes) -> str | None:
    """The Idempotency-Key: the body's own id, or a hash of what is said where."""
    if isinstance(once, tuple):
        return str(getattr(document, once[0]))
    return sha256(path.encode() + b"\0" + body).hexdigest() if once else None


def query_of(document: Body) -> dict[str, str]:
    """What was given, as a URL holds it."""
    given = document.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return {name: _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def signature_of(path: str, takes: Callable[..., Body] | None) -> inspect.Signature:
    """What `help` shows of a method."""
    only, names = inspect.Parameter.POSITIONAL_ONLY, _ID.findall(path)
    ids = [inspect.Parameter(name, only, annotation=str) for name in names]
    fields = inspect.signature(takes).parameters.values() if takes else ()
    types = get_type_hints(takes) if takes else {}
    return inspect.Signature([*ids, *(one.replace(annotation=types[one.name]) for one in fields)])
