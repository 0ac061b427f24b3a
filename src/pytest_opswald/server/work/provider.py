"""LLM calls that the server makes: with keys of its own environment, and only where they belong.

Traces come from users, and so do the URLs in them: nothing is sent there. Every call goes to the
endpoint of its provider that the environment names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.interop.modifications import asked_models
from pytest_opswald.live import Sender
from pytest_opswald.pricing import cost_of
from pytest_opswald.server.problems import ApiProblem, invalid
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.steps import Tokens
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.records import read, to_record
from pytest_opswald.wire.registry import format_for
from pytest_opswald.wire.swap.target import Target

_FIELD = "modifications.model"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who may be asked, and how."""

    variables: Mapping[str, str]
    """The server's environment."""
    models: Sequence[str] = ()
    """Patterns of models that may be asked; any whose price is known without them.

    One whose price is unknown counts nothing, so no cap holds for it: a pattern is not enough.
    """

    def check(self, spec: ReplaySpec, trace: Trace) -> None:
        """Raises ApiProblem for what could not, or must not, be sent."""
        for call, name in asked_models(spec.changes, trace, spec.fork_from_step):
            assert call.http
            spoken = call.http.format
            try:
                target = Target.of(name, spoken) or Target(name, name, spoken)
                if spoken not in _FORMATS:
                    raise CannotSend(f"{call.id} speaks {spoken}, which is not sent from here")
                target.endpoint(self.variables)
            except CannotSend as problem:
                raise invalid(
                    str(problem), field=_FIELD, expected="a model that is set up"
                ) from None
            self._check_model(target.model)

    def send(self, request: Request, *, seconds: float) -> Response | Failure:
        """Raises CannotSend without the provider's key."""
        wire = format_for(request.method, request.path)
        if wire is None:
            raise CannotSend(f"{request.path} is no LLM call")
        url, headers = Target("the model", "", wire.name).endpoint(self.variables)
        kind = (("content-type", "application/json"),)
        with Sender(self.variables) as sender:
            return sender.send(
                replace(request, url=url, headers=(*kind, *headers)), seconds=seconds
            )

    def _check_model(self, model: str) -> None:
        if model in self.models:
            return
        if self.models and not any(fnmatchcase(model, pattern) for pattern in self.models):
            raise _forbidden(f"{model} may not be asked from here", ", ".join(self.models))
        if cost_of(model, None, _A_FEW) is None:
            message = f"The price of {model} is unknown, so no cap would hold for it"
            raise _forbidden(message, f"a server with --replay-models {model}")


def price(request: Request, answer: Response | Failure) -> float:
    """USD of one answer, 0 for one that says nothing of tokens.

    By the model that answered, or by the one that was asked where nobody knows that name.
    """
    try:
        reading = read(to_record(request, answer))
    except ValueError:
        return 0.0
    models = reading.output.model, reading.input.model
    costs = (cost_of(model, request.url, reading.tokens) for model in models)
    return next((cost for cost in costs if cost is not None), 0.0)


_FORMATS = frozenset({"openai_chat", "openai_responses", "anthropic"})
_A_FEW = Tokens(input=1, output=1)


def _forbidden(message: str, expected: str) -> ApiProblem:
    return invalid(message, field=_FIELD, expected=expected)
