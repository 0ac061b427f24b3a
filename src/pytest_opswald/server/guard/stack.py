"""All guards, outermost first."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.middleware import Middleware
from starlette.types import Scope

from pytest_opswald.server.settings import ServerSettings

from .bodies import Bodies
from .buckets import RATES, Buckets
from .failures import Failures
from .origins import Origins, hosts_of
from .rates import Rates
from .requests import Requests


def guards(
    settings: ServerSettings,
    *,
    identity: Middleware,
    payer: Callable[[Scope], str],
    admission: Middleware,
) -> list[Middleware]:
    """Whoever is refused by one of them was told his request id, and what is left of his rate.

    Failures are answered twice over: below the rates, so that they are told, too, and above.
    """
    return [
        Middleware(Requests),
        Middleware(Failures),
        identity,
        Middleware(Rates, buckets=Buckets(RATES[settings.plan], time.time), payer=payer),
        Middleware(Failures),
        Middleware(Origins, hosts=hosts_of(settings)),
        admission,
        Middleware(Bodies, most_bytes=settings.max_body_bytes),
    ]
