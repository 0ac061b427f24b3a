"""What goes out instead of a request when a replay changes something."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pytest_opswald.capture.environment import DUMMY_KEY
from pytest_opswald.capture.handler import Detour
from pytest_opswald.engine.matching import Asked
from pytest_opswald.engine.result import Finding
from pytest_opswald.exchange import Request, Response
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import Changes
from pytest_opswald.wire.base import CannotSend, WireFormat
from pytest_opswald.wire.errors import message_of
from pytest_opswald.wire.json_text import dump
from pytest_opswald.wire.registry import format_for
from pytest_opswald.wire.swap.target import Target

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "seed": ("seed",),
    "max_tokens": ("max_tokens", "max_completion_tokens", "max_output_tokens"),
}
"""Changes that a model may refuse, and how requests spell them."""
_REMEDIES: Mapping[str, str] = {"temperature": "take it away with --opswald-temperature none"}
"""What helps where a model refuses what the agent sends."""


class Live:
    """Applies the changes of a replay to requests."""

    def __init__(
        self, changes: Changes, variables: Mapping[str, str], *, warn: Callable[[str], None]
    ) -> None:
        self._changes = changes
        self._variables = variables
        self._warn = warn

    def touches(self, asked: Asked) -> bool:
        """Whether the changes alter this request at all."""
        wire = _format_of(asked)
        if wire is None or not self._changes or not isinstance(asked.body, dict):
            return False
        return (
            wire.rewrite(asked.body, self._changes) != asked.body
            or wire.redirect(asked.path, self._changes) != asked.path
        )

    def changed(self, request: Request, asked: Asked) -> Request | Detour:
        """The request to send. Raises CannotSend, saying why it must not be."""
        wire = _format_of(asked)
        if wire is None or not self.touches(asked):
            return replace(request)
        body = wire.rewrite(asked.body, self._changes)
        target = Target.of(body.get("model"), wire.name)
        if target is None:
            _refuse_signed(request)
            url = wire.redirect(request.url, self._changes)
            return replace(request, url=url, body=dump(body))
        return self._swapped(request, body, wire.name, target)

    def rejections(self, sent: Request, response: Response) -> Iterator[Finding]:
        """Parameters that the model does not take, in one sentence each."""
        asked = Asked.by(sent)
        if response.status != 400 or not isinstance(asked.body, dict):
            return
        said = message_of(_json(response)) or ""
        for name, spellings in PARAMETERS.items():
            if any(re.search(rf"\b{spelling}\b", said) for spelling in spellings):
                yield from self._rejection(name, spellings, asked.body, said)

    def _rejection(
        self, name: str, spellings: tuple[str, ...], body: Mapping[str, Any], said: str
    ) -> Iterator[Finding]:
        value = next((body[key] for key in spellings if key in body), None)
        if value is None:
            return
        ours = getattr(self._changes, name) is not None
        remedy = _REMEDIES.get(name, "let it do so only for models that take it")
        advice = (
            "leave it out or choose another model"
            if ours
            else f"the agent itself sends it; {remedy}"
        )
        yield Finding(
            code=Reason.INFRA,
            message=f"{body.get('model') or 'the model'} does not accept {name}={value}: {advice}",
            detail=(f"the provider said: {said[:300]}",),
        )

    def _swapped(
        self, request: Request, body: dict[str, Any], spoken: str, target: Target
    ) -> Request | Detour:
        # Three formats, read and written: only a replay that asks another provider pays.
        from pytest_opswald.wire.swap.sending import readdressed, swapped

        variables = {key: text for key, text in self._variables.items() if text != DUMMY_KEY}
        if target.format == spoken:
            return readdressed(request, body, target, variables)
        swap = swapped(request, body, spoken, target, variables)
        for name in PARAMETERS:
            if name in swap.lost and getattr(self._changes, name) is not None:
                raise CannotSend(f"{target.name} knows no {name}: leave it out")
        if swap.notice:
            self._warn(swap.notice)
        return Detour(swap.kept, swap.outgoing, swap.back)


def _format_of(asked: Asked) -> WireFormat | None:
    return format_for(asked.method, urlsplit(asked.path).path)


def _refuse_signed(request: Request) -> None:
    authorization = request.header("authorization") or ""
    if authorization.startswith("AWS4-"):
        raise CannotSend(
            "it was signed (AWS Signature Version 4) before the change, and the signature would "
            "not fit any more; change the model where the agent names it"
        )


def _json(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        return response.body.decode("utf-8", "replace")
