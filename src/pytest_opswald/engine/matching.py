"""Finding the recorded exchange that answers a request."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from pytest_opswald.engine.index import Index
from pytest_opswald.exchange import Request
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.trace.steps import Custom, HttpRecord, LlmCall
from pytest_opswald.trace.volatile import canonical, normalise
from pytest_opswald.wire.urls import public_url

Exchange = LlmCall | Custom

ALIGNED = 0.3
"""Least similarity at which a recorded answer is served to a request that differs."""

WINDOW = 32
"""How many unused steps ahead are looked at for the one that resembles a request most."""

_WORD = re.compile(r"\w+")
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Asked:
    """What a request asks, wherever it is sent: method, path and body."""

    method: str
    path: str
    body: Any
    """Parsed JSON; text when it is none."""

    @classmethod
    def by(cls, request: Request) -> Asked:
        return cls(request.method, _path(public_url(request.url)), _parsed(request.body))

    @classmethod
    def in_record(cls, record: HttpRecord) -> Asked:
        return cls(record.method, _path(record.url), record.request)

    def without_secrets(self, redactor: Redactor) -> Asked:
        """What is asked, as a golden says it."""
        return Asked(self.method, redactor.text(self.path), redactor.value(self.body))

    @cached_property
    def exact(self) -> str:
        """Key of the canonical request."""
        return _digest([self.method, self.path, self.body])

    @cached_property
    def loose(self) -> str:
        """Key of the request up to volatile values."""
        return _digest(normalise([self.method, self.path, self.body]))

    @cached_property
    def words(self) -> Counter[str]:
        return Counter(_WORD.findall(canonical(self.body)))

    def likeness(self, other: Asked) -> float:
        """Share of words in common, 0 to 1; 0 for another method or path."""
        if (self.method, self.path) != (other.method, other.path):
            return 0.0
        shared = (self.words & other.words).total()
        return shared / max((self.words | other.words).total(), 1)


Clean = Callable[[Asked], Asked]
"""Takes out what counts as a secret here and now."""


class Exchanges:
    """The recorded exchanges, and which of them have been given out."""

    def __init__(self, steps: Iterable[Exchange], clean: Clean = lambda asked: asked) -> None:
        self.steps: Sequence[Exchange] = [step for step in steps if step.http]
        self._records = [step.http for step in self.steps if step.http]
        self._clean = clean
        self._used: set[int] = set()
        self._first = 0
        """Steps before it are used."""
        self._lent: set[int] = set()

    @cached_property
    def _asked(self) -> Sequence[Asked]:
        """What was asked; looked through for secrets when the first request differs."""
        return [self._clean(Asked.in_record(record)) for record in self._records]

    @cached_property
    def _exact(self) -> Index[Asked]:
        return Index(self._asked, lambda asked: asked.exact)

    @cached_property
    def _loose(self) -> Index[Asked]:
        return Index(self._asked, lambda asked: asked.loose)

    def expected(self, request: Request) -> Exchange | None:
        """The first unused step, when this request is its own to the letter: the usual case.

        It costs neither parsing nor hashing nor a search for secrets, of the request or of the
        golden.
        """
        place = next(self._unused(), None)
        if place is None or not _is_sent_as(self._records[place], request):
            return None
        self._used.add(place)
        return self.steps[place]

    def equal(self, asked: Asked, *, before: int | None = None) -> Exchange | None:
        """The first unused step with the same request, if need be up to volatile values.

        `before` leaves out steps from that number on.
        """
        for index in (self._exact, self._loose):
            for place in index.free(asked, self._used):
                if self._is_before(place, before):
                    self._used.add(place)
                    return self.steps[place]
        return None

    def holds(self, asked: Asked) -> bool:
        """Whether an unused step has the same request, if need be up to volatile values."""
        indexes = (self._exact, self._loose)
        return any(True for index in indexes for _ in index.free(asked, self._used))

    def aligned(self, asked: Asked, *, before: int | None = None) -> Exchange | None:
        """The unused step that resembles the request most; None when none does.

        It is lent, not used up: a later request that equals it still gets it.
        """
        free = (place for place in self._free() if self._is_before(place, before))
        likely = [(asked.likeness(self._asked[place]), -place) for place in islice(free, WINDOW)]
        likeness, place = max(likely, default=(0.0, 0))
        if likeness < ALIGNED:
            return None
        self._lent.add(-place)
        return self.steps[-place]

    def nearest(self, asked: Asked, count: int = 3) -> list[tuple[Exchange, Asked, bool]]:
        """The steps that resemble the request most, what they asked, whether they were used."""
        ranked = sorted(
            range(len(self.steps)),
            key=lambda place: (-asked.likeness(self._asked[place]), place in self._used, place),
        )
        return [(self.steps[p], self._asked[p], p in self._used) for p in ranked[:count]]

    def _free(self) -> Iterable[int]:
        return (place for place in self._unused() if place not in self._lent)

    def _unused(self) -> Iterator[int]:
        while self._first in self._used:
            self._first += 1
        return (p for p in range(self._first, len(self.steps)) if p not in self._used)

    def _is_before(self, place: int, number: int | None) -> bool:
        return number is None or self.steps[place].step_number < number


def _is_sent_as(recorded: HttpRecord, request: Request) -> bool:
    """Whether the recorded request makes just this one, as SDKs write JSON."""
    if not isinstance(recorded.request, dict) or recorded.method != request.method:
        return False
    written = _WRITER.encode(recorded.request).encode("utf-8", "surrogatepass")
    return written == request.body and _path(recorded.url) == _path(public_url(request.url))


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache  # a run asks few places, again and again
def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
