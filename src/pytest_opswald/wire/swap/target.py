"""Whom another model is asked of: `anthropic:claude-sonnet-5`, `openai-responses:gpt-5.2`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_opswald.exchange import Headers
from pytest_opswald.wire.base import CannotSend

_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "openai": ("openai_chat", "openai_responses"),
    "openai-chat": ("openai_chat",),
    "openai-responses": ("openai_responses",),
    "anthropic": ("anthropic",),
}
"""Formats by prefix; an agent that speaks one of them goes on speaking it."""
_PATHS: Mapping[str, str] = {
    "openai_chat": "/chat/completions",
    "openai_responses": "/responses",
    "anthropic": "/v1/messages",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A model of a provider that is named."""

    name: str
    """As the user wrote it."""
    model: str
    format: str

    @classmethod
    def of(cls, name: str | None, spoken: str) -> Target | None:
        """The target, for an agent that speaks a format; None for a name without a provider."""
        prefix, colon, model = (name or "").partition(":")
        formats = _PREFIXES.get(prefix)
        if not (name and colon and formats):
            return None
        if not model:
            raise CannotSend(f"{name} names no model")
        return cls(name, model, spoken if spoken in formats else formats[0])

    def endpoint(self, variables: Mapping[str, str]) -> tuple[str, Headers]:
        """URL and headers, by the target's own variables. Raises CannotSend without a key."""
        base, headers = _anthropic(variables) if self.format == "anthropic" else _openai(variables)
        if not headers:
            key = "ANTHROPIC_API_KEY" if self.format == "anthropic" else "OPENAI_API_KEY"
            raise CannotSend(
                f"{self.name} needs {key}, which is not set; set it, or leave the prefix out to "
                "ask the agent's own provider"
            )
        return f"{base.rstrip('/')}{_PATHS[self.format]}", headers


def names_provider(name: str | None) -> bool:
    """Whether a model's name begins with the provider to ask for it."""
    prefix, colon, _ = (name or "").partition(":")
    return bool(colon) and prefix in _PREFIXES


def model_of(name: str) -> str:
    """The model without the provider to ask for it."""
    return name.partition(":")[2] if names_provider(name) else name


def _openai(variables: Mapping[str, str]) -> tuple[str, Headers]:
    base = variables.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
    if not (key := variables.get("OPENAI_API_KEY")):
        return base, ()
    named = {
        "openai-organization": variables.get("OPENAI_ORG_ID"),
        "openai-project": variables.get("OPENAI_PROJECT_ID"),
    }
    asked_for = ((name, value) for name, value in named.items() if value)
    return base, (("authorization", f"Bearer {key}"), *asked_for)


def _anthropic(variables: Mapping[str, str]) -> tuple[str, Headers]:
    base = variables.get("ANTHROPIC_BASE_URL") or "https://api.anthropic.com"
    version = ("anthropic-version", "2023-06-01")
    if key := variables.get("ANTHROPIC_API_KEY"):
        return base, (("x-api-key", key), version)
    if token := variables.get("ANTHROPIC_AUTH_TOKEN"):
        return base, (("authorization", f"Bearer {token}"), version)
    return base, ()
