"""Values against JSON Schemas, by the optional library `jsonschema`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from pytest_opswald.errors import UnusableRule

_INSTALL = "pip install 'pytest-opswald[schema]'"


def violations(schema: Any, value: Any) -> list[str]:
    """In what a value breaks a schema, `items[0].total: 'x' is not of type 'number'`.

    Raises UnusableRule where the library is not installed or the schema makes no sense. Nothing is
    fetched: a schema refers to itself only.
    """
    jsonschema = _library()
    validator = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        validator.check_schema(schema)
        found = validator(schema, registry=import_module("referencing").Registry())
        return [f"{_dotted(error.absolute_path)}{error.message}" for error in _sorted(found, value)]
    except jsonschema.SchemaError as problem:
        raise UnusableRule(f"this is no JSON Schema: {problem.message}") from None
    except import_module("referencing.exceptions").Unresolvable as problem:
        raise UnusableRule(
            f"the JSON Schema refers to {problem.ref}, which it does not hold"
        ) from None


def is_schema(value: Any) -> bool:
    """Whether a value has the form of one."""
    return isinstance(value, Mapping | bool)


def _library() -> Any:
    try:
        return import_module("jsonschema")
    except ImportError:
        raise UnusableRule(
            f"a JSON Schema is expected here and jsonschema is not installed\nInstall it:  {_INSTALL}"
        ) from None


def _sorted(validator: Any, value: Any) -> list[Any]:
    return sorted(
        validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path))
    )


def _dotted(path: Iterable[str | int]) -> str:
    told = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{told.removeprefix('.')}: " if told else ""
