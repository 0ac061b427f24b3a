"""The accepted runs of a golden, and the one that a replay follows."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_opswald.engine.matching import Asked, Clean, Exchange, Exchanges
from pytest_opswald.exchange import Request
from pytest_opswald.trace.trace import Trace


class AcceptedRuns:
    """The exchanges of a golden and its variants.

    A request takes its place in every run that holds it; the run that has held most of them so far
    answers, the golden's own among equals.
    """

    def __init__(self, runs: Sequence[Trace], clean: Clean = lambda asked: asked) -> None:
        self._runs = [Exchanges(run.exchanges, clean) for run in runs]
        self._held = [0] * len(runs)

    @property
    def followed(self) -> int:
        """The run that fits best: 0 for the golden's own, then its variants in order."""
        return self._held.index(max(self._held))

    def expected(self, request: Request) -> Exchange | None:
        """The next answer of a golden without variants, when all goes as recorded."""
        return self._runs[0].expected(request) if len(self._runs) == 1 else None

    def equal(self, asked: Asked, *, before: int | None = None) -> Exchange | None:
        """The recorded answer to the same request, from the run that fits best of those with one."""
        found = [run.equal(asked, before=before) for run in self._runs]
        for place, step in enumerate(found):
            self._held[place] += step is not None
        holding = [place for place, step in enumerate(found) if step is not None]
        return found[max(holding, key=lambda p: (self._held[p], -p))] if holding else None

    def aligned(self, asked: Asked, *, before: int | None = None) -> Exchange | None:
        """The unused step that resembles the request most, of the run that fits best."""
        return self._runs[self.followed].aligned(asked, before=before)

    def holds(self, asked: Asked) -> bool:
        """Whether an unused step of any run has the same request."""
        return any(run.holds(asked) for run in self._runs)

    def nearest(self, asked: Asked) -> list[tuple[Exchange, Asked, bool]]:
        """Steps of that run by likeness, what they asked, whether they were used."""
        return self._runs[self.followed].nearest(asked)
