"""Plausible answers for paths that are no conversation."""

from __future__ import annotations

from typing import Any

from .ask import Ask


def answer_to(ask: Ask) -> dict[str, Any]:
    path = ask.path.partition("?")[0]
    if path.endswith("/embeddings"):
        return _embeddings(ask)
    if path.endswith("/count_tokens"):
        return {"input_tokens": ask.tokens}
    if path.endswith("/models"):
        return {
            "object": "list",
            "data": [
                {"id": "local", "object": "model", "created": 1760000000, "owned_by": "local"}
            ],
        }
    return {"path": ask.path, "echo": ask.body}


def _embeddings(ask: Ask) -> dict[str, Any]:
    texts = ask.body.get("input", "")
    texts = [texts] if isinstance(texts, str) else texts
    return {
        "object": "list",
        "model": ask.model,
        "data": [
            {"object": "embedding", "index": index, "embedding": [len(str(text)) / 10, 0.5, -0.25]}
            for index, text in enumerate(texts)
        ],
        "usage": {"prompt_tokens": ask.tokens, "total_tokens": ask.tokens},
    }
