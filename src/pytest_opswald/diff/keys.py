"""What makes two steps candidates for each other, and how alike they are."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pytest_opswald.trace.steps import (
    Custom,
    GuardrailEval,
    HttpRecord,
    LlmCall,
    StateChange,
    Step,
    ToolCall,
    ToolResult,
)
from pytest_opswald.trace.volatile import canonical, normal, normalise

from .contents import message, parts

_MOST_LEAVES = 300
"""Beyond that, similarity is judged by the beginning of a step."""

Leaf = tuple[str, Any]
"""A path and a word or scalar at its end."""
Leaves = frozenset[Leaf]


class StepKey(NamedTuple):
    """Steps of different keys are never paired."""

    type: str
    name: str
    agent: str


def key_of(step: Step) -> StepKey:
    """An LLM call's model is no part of it: swapping the model must not unpair the calls."""
    return StepKey(step.type, _name(step), step.agent or "")


def _name(step: Step) -> str:
    match step:
        case ToolCall() | ToolResult():
            return step.input.tool
        case GuardrailEval():
            return str(step.input.get("guardrail") or step.name or "")
        case StateChange():
            return str(step.input.get("key") or step.name or "")
        case Custom(http=HttpRecord() as http):
            return f"{http.method} {urlsplit(http.url).path}"
    return step.name or ""


def gist(step: Step) -> Any:
    """What tells a step from others of its key.

    Of an LLM call that is the last message and the answer, not the whole conversation: that way
    a run stays linear to align, and a changed system prompt does not unpair every call.
    """
    if isinstance(step, ToolCall):
        return step.input.arguments
    return [*_turn(step), parts(step)]


def _turn(step: Step) -> list[Any]:
    match step:
        case LlmCall():
            said = step.input.messages
            return [len(said), message(said[-1])] if said else []
        case Custom(http=HttpRecord() as http):
            return [http.request]
    return []


def fingerprint(step: Step) -> bytes:
    """Equal for steps of one key and one gist, up to volatile values but in tool arguments."""
    told = canonical if isinstance(step, ToolCall) else normal
    text = "\0".join((*key_of(step), told(gist(step))))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def leaves_of(step: Step) -> Leaves:
    """The leaves of its gist, with volatile values renamed as in its fingerprint."""
    return leaves(gist(step) if isinstance(step, ToolCall) else normalise(gist(step)))


def leaves(content: Any) -> Leaves:
    """The scalars of a document under their paths, texts as words; list indexes do not count."""
    return frozenset(islice(_leaves(content, ""), _MOST_LEAVES))


def _leaves(value: Any, path: str) -> Iterator[Leaf]:
    match value:
        case dict():
            for name, item in value.items():
                yield from _leaves(item, f"{path}.{name}")
        case list() | tuple():
            for item in value:
                yield from _leaves(item, f"{path}[]")
        case str():
            yield from ((path, word) for word in value.split() or [""])
        case _:
            yield path, repr(value)


def similarity(one: Leaves, other: Leaves) -> float:
    """From .4, nothing but the key in common, to 1."""
    return alike(len(one) + len(other), len(one & other))


def alike(leaves: int, common: int) -> float:
    """Similarity of two items by the leaves of both together and those that are in either."""
    return 0.4 + 0.6 * (2 * common / leaves if leaves else 1.0)
