"""Nothing leaves this machine while a run is replayed unmodified.

What would otherwise slip past the adapters is refused where it can be seen, and reported either
way, because the agent may swallow the refusal:

- audit events of Python: connections, datagrams, lookups, and sends of `http.client`, so that
  requests, urllib3, botocore and asyncio are covered, kept connections included;
- clients that work in C or keep connections: `clients.py`;
- C libraries and children that heed proxy variables, and Python children: `children.py`.

Loopback stays open, for the user's own servers and databases. Out of reach are addresses given
to the C library by other means than Python, such as `/dev/tcp` of bash or `python -I` with a bare
socket; `isolation.py` stops these, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pytest_opswald.capture.patching import captured

from .audit import Guard, in_force
from .boundary import Boundary, Place, refusal
from .children import guarded_children, proxy_ports
from .clients import ADAPTERS
from .proxy import refusing_proxy, tell


@contextmanager
def guarded(report: Callable[[str, str], None], *, allowed: Sequence[str] = ()) -> Iterator[None]:
    """Refuse everything outside this machine, for all threads and for children.

    `report` is told every host that was refused and what to do about it, from any thread, more
    than once for the same; `allowed` are names, addresses and networks that are let through.
    """
    boundary = Boundary(allowed, proxy_ports(os.environ))
    process = os.getpid()

    def refused(place: Place) -> None:
        if os.getpid() == process:
            report(place[0], refusal(place))
        else:
            tell(port, place)  # a forked child has but a copy of our journal

    with (
        refusing_proxy(refused) as port,
        guarded_children(boundary, port),
        captured(ADAPTERS),
        in_force(Guard(boundary, refused)),
    ):
        yield
