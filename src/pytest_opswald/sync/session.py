"""The end of a session: what its tests told goes to the server, or waits."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydantic

from pytest_opswald.api.golden_tests import ResultBody
from pytest_opswald.api.ids import new_id
from pytest_opswald.api.problems import field_of
from pytest_opswald.api.replays import Modifications
from pytest_opswald.client.clients import OpsClient
from pytest_opswald.errors import InvalidSetting
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.report.amounts import counted

from .draining import Drained
from .goldens import item_of
from .items import Item, ResultsItem, RunItem
from .outbox import Outbox
from .pushing import push
from .telling import lines_of
from .told import Told


@dataclass
class SessionEnd:
    """What a session has come to, ready to be sent."""

    root: Path
    rules: Rules | None = None
    run_id: str = ""
    """The run on the server that asked for it; a run of its own when empty."""
    tests: Mapping[str, str] = field(default_factory=dict)
    """Ids by name of that run's golden tests."""
    told: list[Told] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)
    """Results that the API has no words for."""

    def keep(self, *, is_whole: bool) -> Outbox:
        """Put the results into the outbox; `is_whole` unless the session was interrupted."""
        outbox = Outbox(self.root)
        for item in self._asked(is_whole) if self.run_id else self._own():
            outbox.put(item)
        return outbox

    def send(self, outbox: Outbox) -> Iterator[str]:
        """Send what waits and the goldens; what became of it, in words. Raises OpswaldError."""
        yield from self.unsaid
        goldens = {} if self.run_id else self._goldens
        try:
            client = OpsClient()
        except InvalidSetting as problem:
            for path in goldens:
                outbox.put(item_of(path, root=self.root, rules=self.rules))
            yield from lines_of(Drained(waiting=len(outbox), problem=str(problem)), "")
            return
        with client:
            drained = push(goldens, outbox, client, root=self.root, rules=lambda _: self.rules)
            yield from lines_of(drained, client.base_url)

    @property
    def _goldens(self) -> Mapping[Path, str]:
        """Names by path."""
        named = {Path(each.golden): each.name for each in self.told}
        return {path: name for path, name in named.items() if path.exists()}

    def _own(self) -> Iterator[Item]:
        """A run for all tests that were changed alike."""
        alike: dict[str, dict[str, Any]] = defaultdict(dict)
        for each in self.told:
            if each.result is not None:
                alike[json.dumps(each.changed, sort_keys=True)][each.name] = dict(each.result)
        for changed, results in alike.items():
            try:
                modifications = Modifications(**json.loads(changed))
            except pydantic.ValidationError as problem:
                self.unsaid.append(_unsaid(problem, len(results)))
            else:
                yield RunItem(run_id=new_id("run"), modifications=modifications, results=results)

    def _asked(self, is_whole: bool) -> Iterator[Item]:
        """What the server asked for; tests that did not run are told as errors."""
        results = {each.name: each.result for each in self.told if each.result is not None}
        if is_whole:
            missing = {"type": "not_run", "message": "no test that ran here has this golden"}
            absent = {"status": "error", "error": missing}
            results = dict.fromkeys(self.tests, absent) | results
        bodies = [
            ResultBody(test_id=self.tests[name], **result)
            for name, result in results.items()
            if name in self.tests
        ]
        if bodies:
            yield ResultsItem(run_id=self.run_id, results=tuple(bodies))


def _unsaid(problem: pydantic.ValidationError, many: int) -> str:
    first = problem.errors(include_url=False)[0]
    name = field_of(first["loc"])
    return f"{counted(many, 'result')} not sent: the API takes no such {name}: {first['msg']}"
