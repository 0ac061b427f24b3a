"""Keys that clients insist on, though a replay never sends them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

DUMMY_KEY = "opswald-replay-no-key"

PROVIDER_KEYS = (
    "ANTHROPIC_API_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AZURE_OPENAI_API_KEY",
    "CO_API_KEY",
    "COHERE_API_KEY",
    "DEEPSEEK_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GROQ_API_KEY",
    "HF_TOKEN",
    "MISTRAL_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "TOGETHER_API_KEY",
    "XAI_API_KEY",
)
_DUMMIES = {**dict.fromkeys(PROVIDER_KEYS, DUMMY_KEY), "AWS_DEFAULT_REGION": "us-east-1"}


@contextmanager
def provider_keys_present() -> Iterator[None]:
    """Set dummies for the keys that are unset: clients refuse to be built without one.

    Only for replays that ask none of the agent's own providers. Restored afterwards, unless the code inside set a key.
    """
    told = {name: os.environ.get(name) for name in _DUMMIES}
    unset = {name: value for name, value in told.items() if not value}
    os.environ.update({name: _DUMMIES[name] for name in unset})
    try:
        yield
    finally:
        for name, before in unset.items():
            if os.environ.get(name) == _DUMMIES[name]:
                _restore(name, before)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value
