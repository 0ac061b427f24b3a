"""What `{"$py": "module:name"}` stands for: a predicate, or an object that equals what fits."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from pytest_opswald.errors import UnusableRule

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def is_reference(value: Any) -> bool:
    """Whether it has the form `module:name`."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def fits(reference: str, value: Any) -> bool:
    """Whether the function says yes to a value, or the object (dirty-equals has many) equals it.

    Raises UnusableRule where there is nothing of that name.
    """
    found = _imported(reference)
    is_predicate = callable(found) and not isinstance(found, type)
    return bool(found(value) if is_predicate else found == value)


def _imported(reference: str) -> Any:
    module, _, name = reference.partition(":")
    try:
        found = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as problem:
        raise UnusableRule(
            f'{{"$py": "{reference}"}}: {problem}; it must be importable where tests run'
        ) from None
    return found
