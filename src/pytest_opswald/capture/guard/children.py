"""What children of a replay, and C libraries, find in their environment.

`os.environ` stays as it is, because clients that agents build and keep during a replay may be
used live afterwards: only the process's own copy is changed, which children inherit.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pytest_opswald.capture.environment import DUMMY_KEY, PROVIDER_KEYS

from .boundary import Boundary

GUARD = "OPSWALD_GUARD"
"""Tells Python children what is allowed and whom to tell."""

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_LOCAL = ("localhost", "127.0.0.1", "127.0.0.0/8", "::1", "0.0.0.0")
_PROXIED = [name for upper in _PROXIES for name in (upper, upper.lower())]
_CHILD = str(Path(__file__).with_name("child"))
_HIDDEN = [name for name in PROVIDER_KEYS if not name.startswith("AWS_")]
"""Keys that open nothing but the internet; those of AWS may be a local server's."""


def proxy_ports(environment: Mapping[str, str]) -> set[int]:
    """Ports of the user's proxies on this machine: what looks like loopback there is not."""
    given = (environment.get(name) or environment.get(name.lower()) for name in _PROXIES)
    urls = [url for url in given if url]
    proxies = [urlsplit(url if "://" in url else f"//{url}") for url in urls]
    local = [proxy for proxy in proxies if not Boundary().is_outside(proxy.hostname or "")]
    return {proxy.port for proxy in local if proxy.port}


@contextmanager
def guarded_children(boundary: Boundary, port: int) -> Iterator[None]:
    """Send what children and C libraries ask for to the proxy on this port, and hide keys."""
    ours = _variables(boundary, port)
    with ExitStack() as undo:
        undo.enter_context(_patched_popen(lambda given: _joined(given, ours)))
        undo.callback(_restore, ours)
        for name, value in _with_path(ours, os.environ.get("PYTHONPATH")).items():
            os.putenv(name, value)
        yield


def _variables(boundary: Boundary, port: int) -> dict[str, str]:
    said = {"allowed": boundary.allowed, "proxies": sorted(boundary.proxies), "tell": port}
    return {
        **dict.fromkeys(_PROXIED, f"http://127.0.0.1:{port}"),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join((*_LOCAL, *boundary.allowed))),
        "NODE_USE_ENV_PROXY": "1",
        "PYTHONPATH": _CHILD,
        GUARD: json.dumps(said),
        **{name: DUMMY_KEY for name in _HIDDEN if os.environ.get(name)},
    }


def _joined(given: Mapping[Any, Any], ours: Mapping[str, str]) -> dict[Any, Any]:
    """An environment with ours in it; a key stays if it is not the one we hide."""
    joined = {**given, **_with_path(ours, given.get("PYTHONPATH"))}
    for name in _HIDDEN:
        if name in given and given[name] != os.environ.get(name):
            joined[name] = given[name]
    return joined


def _with_path(ours: Mapping[str, str], theirs: Any) -> Mapping[str, str]:
    if not theirs:
        return ours
    return {**ours, "PYTHONPATH": f"{ours['PYTHONPATH']}{os.pathsep}{os.fsdecode(theirs)}"}


def _restore(names: Mapping[str, str]) -> None:
    """What `os.environ` says by now is the truth."""
    for name in names:
        if (value := os.environ.get(name)) is not None:
            os.putenv(name, value)
        else:
            os.unsetenv(name)


@contextmanager
def _patched_popen(joined: Callable[[Mapping[Any, Any]], dict[Any, Any]]) -> Iterator[None]:
    """Add to environments that are handed over, too: most are copies of `os.environ`."""
    original = subprocess.Popen.__init__

    @wraps(original)
    def init(self: Any, *args: Any, **options: Any) -> None:
        if options.get("env") is not None:
            options["env"] = joined(options["env"])
        original(self, *args, **options)

    subprocess.Popen.__init__ = init  # type: ignore[method-assign]
    try:
        yield
    finally:
        if subprocess.Popen.__init__ is init:  # else somebody built on top of it
            subprocess.Popen.__init__ = original  # type: ignore[method-assign]
