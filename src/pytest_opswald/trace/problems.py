"""What is wrong in a document that people write by hand, in their words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from pytest_opswald.errors import OpswaldError

Path = tuple[str | int, ...]
"""Keys and list indexes from the root of the document."""


class InvalidOutcome(OpswaldError, ValueError):
    """An `expected_outcome` that makes no sense, with everything that is wrong in it."""

    def __init__(self, problems: Iterable[tuple[Path, str]]) -> None:
        self.problems = tuple(problems)
        """Where, as a path below `expected_outcome`, and what."""
        super().__init__("\n".join(f"{_dotted(path)}: {said}" for path, said in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean final_message?`, or nothing when no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f", did you mean {near[0]}?" if near else ""


def problems_of(
    error: ValidationError, models: Mapping[Path, type[BaseModel]], *, tags: Iterable[str]
) -> list[tuple[Path, str]]:
    """Every problem of a failed validation.

    `models` says which model stands where (`"*"` for any key); `tags` are names of forms that
    pydantic puts into its paths and the user never wrote.
    """
    skip = set(tags)
    found = [
        (tuple(part for part in each["loc"] if part not in skip), each)
        for each in error.errors(include_url=False)
    ]
    broken = {path[:end] for path, _ in found for end in range(len(path))}
    return [
        (path, _said(each, path, models))
        for path, each in found
        # a list whose items are all wrong is also called empty
        if not (each["type"] == "too_short" and path in broken)
    ]


def _said(found: Mapping[str, Any], path: Path, models: Mapping[Path, type[BaseModel]]) -> str:
    match found["type"]:
        case "extra_forbidden":
            known = _keys(path[:-1], models)
            return f"unknown key{did_you_mean(str(path[-1]), known) or f'; known are {_listed(known)}'}"
        case "model_type":
            return f"must be an object with {_listed(_keys(path, models))}, not {_shown(found)}"
        case "string_type":
            return f"must be a text, not {_shown(found)}"
        case "tuple_type":
            return f"must be a list, not {_shown(found)}"
        case "too_short" | "string_too_short":
            return "must not be empty: it would hold for every run"
        case "literal_error":
            return f"unknown word {_shown(found)}; one of {found['ctx']['expected']}"
        case "value_error":
            return str(found["ctx"]["error"])
    return str(found["msg"])


def _keys(path: Path, models: Mapping[Path, type[BaseModel]]) -> Iterable[str]:
    model = models.get(path) or models.get((*path[:-1], "*"))
    return model.model_fields if model else ()


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _shown(found: Mapping[str, Any]) -> str:
    text = repr(found["input"])
    return text if len(text) <= 40 else f"{text[:39]}…"


def _dotted(path: Path) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"expected_outcome{''.join(parts)}"
