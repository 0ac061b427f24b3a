"""One provider's request as another's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pytest_opswald.exchange import Request, Response
from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.json_text import dump

from .formats import ASKS, Body
from .returning import Return
from .target import Target

_FOREIGN = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
_OF_THE_OLD_HOST = {
    "authorization",
    "api-key",
    "x-api-key",
    "cookie",
    "host",
    "content-length",
    "openai-organization",
    "openai-project",
}
_BETAS = ("anthropic-beta", "openai-beta")
"""Headers that turn on what only their own provider has."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A request on its way to another provider."""

    kept: Request
    """As the trace keeps it: in the agent's format, with the new model, at the new host."""
    outgoing: Request
    """In the target's format, with the target's key."""
    back: Callable[[Response], Response]
    """The target's answer in the agent's format."""
    lost: tuple[str, ...]
    """What was left out because it means nothing there, and does no harm."""
    target: Target

    @property
    def notice(self) -> str:
        """What was left out, as a sentence; empty when nothing was."""
        if not self.lost:
            return ""
        return f"{self.target.name} was asked without {', '.join(self.lost)}: not known there"


def swapped(
    request: Request, body: Body, spoken: str, target: Target, variables: Mapping[str, str]
) -> Swap:
    """The request as another format; `body` already has the changes that were asked for.

    Raises CannotSend for what would mean something else there, and without a key.
    """
    url, headers = target.endpoint(variables)
    try:
        asked, lost = ASKS[target.format].write(ASKS[spoken].read(body), target.model)
    except CannotSend:
        raise
    except _FOREIGN as error:
        raise CannotSend(f"the request is not understood: {error!r}") from error
    content = ("content-type", "application/json")
    outgoing = replace(request, url=url, headers=(content, *headers), body=dump(asked))
    kept = replace(request, url=_at(url, request.url), body=_named(body, target))
    betas = (f"{name}: {value}" for name in _BETAS if (value := request.header(name)))
    return Swap(kept, outgoing, Return(outgoing, body, spoken, target), (*lost, *betas), target)


def readdressed(
    request: Request, body: Body, target: Target, variables: Mapping[str, str]
) -> Request:
    """The request in the format it has, for the provider that is named.

    Raises CannotSend without a key.
    """
    url, headers = target.endpoint(variables)
    replaced = {name for name, _ in headers} | _OF_THE_OLD_HOST
    others = (pair for pair in request.headers if pair[0].lower() not in replaced)
    return replace(request, url=url, headers=(*others, *headers), body=_named(body, target))


def _named(body: Body, target: Target) -> bytes:
    whole: dict[str, Any] = {**body, "model": target.model}
    return dump(whole)


def _at(host_url: str, path_url: str) -> str:
    """Path and query of one URL at the host of another."""
    host, path = urlsplit(host_url), urlsplit(path_url)
    return urlunsplit((host.scheme, host.netloc, path.path, path.query, ""))
