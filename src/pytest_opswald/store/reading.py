"""The data of a golden file as a Golden: strict, every complaint with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from pytest_opswald.errors import GoldenTooNew
from pytest_opswald.trace.effects import effect_held
from pytest_opswald.trace.golden import SCHEMA, Golden, Redaction
from pytest_opswald.trace.outcome import ExpectedOutcome, parse_outcome
from pytest_opswald.trace.problems import InvalidOutcome, did_you_mean
from pytest_opswald.trace.steps import HttpRecord, Step, ToolInput, ToolOutput
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.base import Reading

from . import json_positions, json_text
from .decoding import Decoder
from .migrations import migrated
from .resolving import BadReference

_HEADER = (
    "schema",
    "made_by",
    "name",
    "test",
    "tags",
    "redaction",
    "effects",
    "expected_outcome",
    "steps",
)
_KINDS: dict[str, type[Any]] = {
    kind.model_fields["type"].default: kind for kind in get_args(get_args(Step)[0])
}
_BY_HAND = "Mend that line, or record the golden again: pytest --opswald-record=all"

Read = Callable[[HttpRecord], Reading]


class _Wrong(ValueError):
    """Something that must not be, at a place of the file."""

    def __init__(self, place: tuple[Any, ...], problem: str) -> None:
        super().__init__(problem)
        self.place = place


def from_data(data: Any, path: Path, *, text: str, read: Read) -> Golden:
    """The golden that a file's data tells; `text` is the file, for line numbers in errors.

    `read` turns an exchange into input, output and tokens. Raises GoldenCorrupt, GoldenTooNew.
    Changes `data`.
    """
    try:
        _check_schema(data, path)
        data = migrated(data)
        _check_keys(data)
        return Golden(
            name=_text(data, "name"),
            test=_text(data, "test"),
            tags=_texts(data, "tags"),
            redaction=_redaction(data.get("redaction", {})),
            effects=_effects(data.get("effects", {})),
            expected_outcome=_outcome(data.get("expected_outcome", {})),
            trace=Trace(steps=tuple(_steps(data["steps"], read))),
        )
    except _Wrong as wrong:
        position = json_positions.locate(text, wrong.place)
        raise json_text.corrupt(
            path, str(wrong), text=text, position=position, remedy=_BY_HAND
        ) from None
    except RecursionError:
        raise json_text.corrupt(path, "nested too deep", text=text) from None


def _check_schema(data: Any, path: Path) -> None:
    schema = data.get("schema") if isinstance(data, dict) else None
    if type(schema) is not int or schema < 1:
        raise _Wrong(("schema",), 'this is no golden trace: it has no "schema" number')
    if schema > SCHEMA:
        raise GoldenTooNew(
            path,
            f"written by a later release (schema {schema}, this one reads up to {SCHEMA})",
            remedy="Update: pip install --upgrade pytest-opswald",
        )


def _check_keys(data: dict[str, Any]) -> None:
    for key in data:
        if key not in _HEADER:
            raise _Wrong((key,), f"unknown key {key}{did_you_mean(key, _HEADER)}")
    if not isinstance(data.get("steps"), list):
        raise _Wrong(("steps",), "a golden has a list of `steps`")


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise _Wrong((key,), f"a golden has a `{key}`, which is a text")
    return value


def _texts(data: dict[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _Wrong((key,), f"`{key}` is a list of texts")
    return tuple(value)


def _redaction(data: Any) -> Redaction:
    try:
        return Redaction.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        raise _Wrong(("redaction", *found["loc"]), f"redaction: {found['msg']}") from None


def _effects(data: Any) -> dict[str, str]:
    if not isinstance(data, dict):
        raise _Wrong(("effects",), "`effects` is an object: what each tool does, by name")
    for tool, held in data.items():
        try:
            effect_held(str(held))
        except ValueError as problem:
            raise _Wrong(("effects", tool), f"effects.{tool}: {problem}") from None
    return data


def _outcome(data: Any) -> ExpectedOutcome:
    try:
        return parse_outcome(data)
    except InvalidOutcome as error:
        place = error.problems[0][0] if error.problems else ()
        raise _Wrong(("expected_outcome", *place), str(error)) from None


def _steps(steps: list[Any], read: Read) -> Iterable[Any]:
    decoder = Decoder()
    for index, data in enumerate(steps):
        if not isinstance(data, dict):
            raise _Wrong(("steps", index), "a step is an object")
        try:
            yield _step(decoder.step(data), index + 1, read)
        except ValidationError as error:
            raise _first_wrong(error, index) from None
        except BadReference as error:
            raise _Wrong(("steps", index), f"step {index + 1}: {error}") from None


def _step(data: dict[str, Any], number: int, read: Read) -> Any:
    said, kind = data.get("step"), data.get("type")
    if said != number:
        place = ("steps", number - 1, "step")
        raise _Wrong(place, f"steps are numbered from 1: {number} stands here, not {said!r}")
    if kind not in _KINDS:
        near = did_you_mean(str(kind), _KINDS)
        raise _Wrong(("steps", number - 1, "type"), f"unknown type of step {kind!r}{near}")
    fields = {key: value for key, value in data.items() if key != "step"}
    if kind == "llm_call" and "http" in data:
        fields |= _read(data, number, read)
    return _KINDS[kind].model_validate({**fields, "step_number": number})


def _read(data: dict[str, Any], number: int, read: Read) -> dict[str, Any]:
    """What an LLM call's exchange says."""
    for key in ("input", "output", "tokens"):
        if key in data:
            raise _Wrong(
                ("steps", number - 1, key), f"`{key}` is read from `http`; change it there"
            )
    http = HttpRecord.model_validate(data["http"])
    try:
        reading = read(http)
    except ValueError as error:
        problem = f"step {number} is no {http.format} exchange: {error}"
        raise _Wrong(("steps", number - 1, "http"), problem) from None
    return {
        "http": http,
        "input": reading.input,
        "output": reading.output,
        "tokens": reading.tokens,
    }


def _first_wrong(error: ValidationError, index: int) -> _Wrong:
    """The first complaint about a step, in the words of its file."""
    found = error.errors(include_url=False)[0]
    place = ("steps", index, *found["loc"])
    where = ".".join(map(str, found["loc"]))
    if found["type"] == "extra_forbidden":
        near = did_you_mean(str(found["loc"][-1]), _words())
        return _Wrong(place, f"step {index + 1} has an unknown key {where}{near}")
    return _Wrong(place, f"step {index + 1}, {where}: {found['msg']}")


def _words() -> set[str]:
    """Every key that a step or something in it may have."""
    documents: set[type[BaseModel]] = {*_KINDS.values(), HttpRecord, ToolInput, ToolOutput}
    return {name for document in documents for name in document.model_fields}
