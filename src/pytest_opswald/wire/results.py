"""Tool results inside a conversation, whatever its format: found, re-keyed, put back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Block = dict[str, Any]

_ID_KEYS = ("tool_call_id", "call_id", "tool_use_id")


def result_blocks(items: Sequence[Any]) -> dict[str, Block]:
    """Results by call id: chat's tool messages, Responses' outputs, Anthropic's blocks."""
    return {block[key]: block for item in items for key, block in _blocks(item)}


def is_result(item: Any) -> bool:
    """Whether an item of a conversation holds tool results and nothing else."""
    parts = _parts(item)
    return bool(parts) and all(_id_key(part) for part in parts)


def rekeyed(block: Block, call_id: str | None) -> Block:
    """The result, as that of another call."""
    return {**block, **{key: call_id for key in _ID_KEYS if key in block}}


def carried(blocks: Sequence[Block]) -> list[Any]:
    """The items that carry results back: Anthropic wants those of one turn in one message."""
    if blocks and all("tool_use_id" in block for block in blocks):
        return [{"role": "user", "content": list(blocks)}]
    return list(blocks)


def _blocks(item: Any) -> Iterator[tuple[str, Block]]:
    for part in _parts(item):
        if key := _id_key(part):
            yield key, part


def _parts(item: Any) -> Sequence[Any]:
    match item:
        case {"role": "user", "content": [*blocks]}:
            return blocks
    return [item]


def _id_key(block: Any) -> str | None:
    """The key of the call id, when the block is a result."""
    if not isinstance(block, dict):
        return None
    kind = str(block.get("type", ""))
    if block.get("role") != "tool" and not kind.endswith(("_output", "tool_result")):
        return None
    return next((key for key in _ID_KEYS if key in block), None)
