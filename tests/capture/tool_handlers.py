"""Hand-written handlers that know tools and notes, and nothing of HTTP."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from pytest_opswald.capture.handler import Note, ToolOutcome, ToolUse
from pytest_opswald.errors import NoRecordedAnswer
from pytest_opswald.trace.volatile import canonical
from tests.capture.handlers import Recording


class ToolRecording(Recording):
    """Runs every tool and keeps what was asked and what came back."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: list[ToolUse] = []
        self.results: list[tuple[ToolUse, ToolOutcome]] = []
        self.notes: list[Note] = []

    @property
    def use(self) -> ToolUse:
        """The only use."""
        [use] = self.uses
        return use

    @property
    def outcome(self) -> ToolOutcome:
        """What the only use ended with."""
        [(use, outcome)] = self.results
        assert use is self.use
        return outcome

    @property
    def told(self) -> list[tuple[str, dict[str, Any]]]:
        return [(use.name, use.arguments) for use in self.uses]

    def on_tool_call(self, use: ToolUse) -> ToolOutcome | None:
        self.uses.append(use)
        return None

    def on_tool_result(self, use: ToolUse, outcome: ToolOutcome) -> None:
        self.results.append((use, outcome))

    def on_note(self, note: Note) -> None:
        self.notes.append(note)


class ToolReplaying(ToolRecording):
    """Serves what was recorded for the same tool and arguments, after a way through JSON."""

    def __init__(self, recording: ToolRecording) -> None:
        super().__init__()
        self._outcomes: dict[str, list[ToolOutcome]] = defaultdict(list)
        for use, outcome in recording.results:
            self._outcomes[_key(use)].append(outcome)

    def on_tool_call(self, use: ToolUse) -> ToolOutcome | None:
        self.uses.append(use)
        if not self._outcomes[_key(use)]:
            raise NoRecordedAnswer(f"nothing recorded for {_key(use)}")
        outcome = self._outcomes[_key(use)].pop(0)
        value, error = json.loads(json.dumps([outcome.value, outcome.error], allow_nan=False))
        return ToolOutcome(value, error)


def _key(use: ToolUse) -> str:
    return f"{use.name} {canonical(use.arguments)}"
