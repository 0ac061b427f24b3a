"""What a server is called in a golden, and which HTTP traffic is its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PureWindowsPath
from typing import Any
from urllib.parse import quote, urlsplit

from pytest_opswald.redaction.names import secrecy
from pytest_opswald.wire.urls import public_url


@dataclass(frozen=True, slots=True)
class Server:
    """One server, the same on every machine."""

    name: str
    """`npx -y server-github`, `mcp.example.com/mcp`; without folders, credentials, local ports."""
    traffic: str = ""
    """What the URLs of its HTTP traffic begin with; empty for a child."""


def started_by(parameters: Any) -> Server:
    """The server that a child is, by its command line."""
    shown = _without_secrets([parameters.command, *parameters.args])
    # It knows both separators: goldens travel.
    return Server(_as_path(" ".join(PureWindowsPath(word).name or word for word in shown)))


def at_endpoint(url: str) -> Server:
    """A server with one URL for everything."""
    return Server(_as_path(public_url(url).partition("://")[2]), url)


def at_origin(url: str) -> Server:
    """A server that tells its client a second URL: it may be any of its host's."""
    parts = urlsplit(url)
    return Server(at_endpoint(url).name, f"{parts.scheme}://{parts.netloc}/")


def _without_secrets(words: Sequence[str]) -> Iterator[str]:
    """The words of a command line, but for values of `--token`, `--api-key=` and their like."""
    for before, word in pairwise(("", *words)):
        name, _, value = word.partition("=")
        if before.startswith("-") and secrecy(before):
            continue
        yield name if value and secrecy(name) else word


def _as_path(text: str) -> str:
    return quote(text, safe=" /:@+=,~")
