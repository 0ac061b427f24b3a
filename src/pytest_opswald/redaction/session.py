"""What one recording or replay knows to be secret, while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from . import known
from .detector import Detector
from .redactor import Redactor
from .rules import Rules

Environment = Callable[[], Mapping[str, str]]


class Secrets:
    """Rules and known values of a session; the values grow as clients show their credentials."""

    def __init__(self, rules: Rules | None = None, environment: Environment = dict) -> None:
        self.rules = rules or Rules()
        self._environment = environment
        self._variables: Mapping[str, str] = {}
        """As they were when last looked at."""
        self._known: dict[str, str] = {}
        self._seen: set[tuple[str, str]] = set()
        self._live: Redactor | None = None
        self._detector: Detector | None = None
        self._add(self.rules.known.items())
        self.look_around()

    def look_around(self) -> None:
        """Read the environment, which a test or an agent may have changed."""
        variables = self._environment()
        if variables != self._variables:
            self._variables = variables
            self._add(known.in_environment(variables))

    def see(self, headers: Iterable[tuple[str, str]]) -> None:
        """Note the credentials in headers of a request or a response."""
        if new := [pair for pair in headers if pair not in self._seen]:  # clients repeat them
            self._seen.update(new)
            self._add(known.in_headers(new))

    def learn(self, values: Mapping[str, str]) -> None:
        """Note secrets that were found in what happened."""
        self._add(values.items())

    @property
    def live(self) -> Redactor:
        """For what is asked while the session runs; starts again when more is known."""
        if self._live is None:
            self._live = self.fresh()
        return self._live

    def fresh(self) -> Redactor:
        """For one whole document."""
        if self._detector is None:
            self._detector = Detector(self.rules, dict(self._known))
        return Redactor(self._detector)

    def _add(self, values: Iterable[tuple[str, str]]) -> None:
        new = {value: kind for value, kind in values if value not in self._known}
        if new:
            self._known.update(new)
            self._live = self._detector = None
