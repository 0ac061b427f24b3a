"""What recording costs: the calls, what comes after them, and the search for secrets."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

from pytest_opswald import runs
from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.redactor import Redactor

from .conversations import Conversation, questions, tool_loop
from .lanes import ask_all, client, limit, seconds_of_calls
from .results import Results, Row, at_least, milliseconds
from .timing import Effort, interleaved, say, timed


def measured(folder: Path, effort: Effort) -> Results:
    size = effort.of(100, 4)
    return Results(
        [
            _throughput(effort),
            *_per_call(folder, "independent", f"{size} calls", questions(size), effort),
            *_per_call(folder, "loop", f"tool loop of {size} turns", tool_loop(size), effort),
        ]
    )


def _throughput(effort: Effort) -> Row:
    say("Redaction")
    size = effort.of(2_000, 4)
    conversation = questions(size)
    documents = [*conversation.asks, *(json.loads(answer) for (answer,) in conversation.answers)]
    megabytes = sum(len(json.dumps(document)) for document in documents) / 1e6

    def redact() -> None:
        redactor = Redactor(Detector())
        for document in documents:
            redactor.value(document)
        if redactor.count:
            raise AssertionError(f"{redactor.count} secrets found where there is none")

    times = interleaved({"redaction": timed(redact)}, rounds=effort.of(5, 1))
    speed = megabytes / times.median("redaction")
    detail = f"{megabytes:.1f} MB of JSON without secrets, in {size * 2:,} documents"
    return at_least("", "search for secrets", 5, speed, unit="MB/s", detail=detail)


def _per_call(
    folder: Path, name: str, what: str, conversation: Conversation, effort: Effort
) -> list[Row]:
    """While the agent runs, and after it."""
    say(f"Recording, {what}")
    after: list[float] = []

    def record() -> float:
        with runs.record(folder / f"{name}.json"):
            start = perf_counter()
            ask_all(client(conversation), conversation)
            end = perf_counter()
        after.append(perf_counter() - end)
        return end - start

    times = interleaved(
        {"limit": lambda: seconds_of_calls(limit(conversation), conversation), "record": record},
        rounds=effort.of(5, 1),
    )
    calls = len(conversation.asks)
    more = times.more("record", "limit") / calls
    settled = sorted(after)[len(after) // 2] / calls
    ratio = f"{times.ratio('record', 'limit'):.2f}x"
    return [
        Row("", f"recording, per call, {what}", measured=ratio, detail=f"{more * 1e3:+.2f} ms"),
        Row(
            "", f"after it, per call: trace, secrets, file, {what}", measured=milliseconds(settled)
        ),
    ]
