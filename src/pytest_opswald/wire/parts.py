"""Small readings that several formats share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from pytest_opswald.trace.steps import ToolRequest

from . import json_text

_TEXT = {"text", "input_text", "output_text"}
_REASONS = re.compile(r"(?:.*/)?(?:o\d|gpt-(?:[5-9]|\d\d))")
"""OpenAI's models that refuse `max_tokens`."""
_PROVIDERS = {
    "openai.azure.com": "azure",
    "amazonaws.com": "aws",
    "api.aws": "aws",
    "x.ai": "xai",
    "z.ai": "zai",
}
"""Where the name is not the label before the top-level domain."""


def text_or_blocks(content: Any, *, glue: str = "\n") -> Any:
    """Text when there is nothing but text, else the provider's blocks untouched."""
    if content is None or isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else [content]
    if all(is_text(block) for block in blocks):
        return glue.join(map(text_of, blocks))
    return blocks


def is_text(block: Any) -> bool:
    return isinstance(block, str) or block.get("type") in _TEXT


def text_of(block: Any) -> str:
    return block if isinstance(block, str) else block.get("text") or ""


def joined(texts: Iterable[str | None], glue: str = "") -> str | None:
    """The texts that are there as one; None when none is."""
    present = [text for text in texts if text]
    return glue.join(present) if present else None


def tool_request(function: str, arguments: Any, call_id: str | None) -> ToolRequest:
    """A tool call whose arguments may be JSON text, blank for none, or already parsed."""
    parsed, error = arguments, None
    if arguments is None or isinstance(arguments, str):
        text = (arguments or "").strip()
        try:
            parsed = json_text.parse(text) if text else {}
        except ValueError as broken:
            error = str(broken)
    if error is None and not isinstance(parsed, dict):
        parsed, error = arguments, "not a JSON object"
    return ToolRequest(function=function, arguments=parsed, id=call_id, args_error=error)


def prompt_like(old: Any, text: str) -> Any:
    """A system prompt in the shape of the old one, so that cache marks and block types stay."""
    blocks = isinstance(old, list) and old and isinstance(old[-1], dict)
    return [{**old[-1], "text": text}] if blocks else text


def instructed(messages: list[Any], prompt: str) -> list[Any] | None:
    """The list with its leading system messages replaced by one; None when there is none."""
    count = next((i for i, m in enumerate(messages) if not _instructs(m)), len(messages))
    if not count:
        return None
    first = messages[0]
    return [{**first, "content": prompt_like(first.get("content"), prompt)}, *messages[count:]]


def _instructs(message: Mapping[str, Any]) -> bool:
    role, kind = message.get("role"), message.get("type", "message")
    return role in ("system", "developer") and kind == "message"


def chat_limit(model: str | None) -> str:
    """How a chat request spells the limit of output tokens; not every server knows the new name."""
    return "max_completion_tokens" if _REASONS.match(model or "") else "max_tokens"


@lru_cache
def provider_of(url: str, default: str) -> str:
    """Who answers: `groq` for api.groq.com; the format's own vendor where the host says nothing."""
    host = urlsplit(url).hostname or ""
    known = (name for suffix, name in _PROVIDERS.items() if f".{host}".endswith(f".{suffix}"))
    labels = host.split(".")
    named = len(labels) > 1 and not re.fullmatch(r"[\d.:]+", host)
    return next(known, labels[-2] if named else default)
