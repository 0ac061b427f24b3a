"""What a conversation takes that every call repeats from its beginning."""

from __future__ import annotations

from pathlib import Path

from benchmarks.results import Row, spelled
from benchmarks.timing import Effort, say
from pytest_opswald.api.traces import TraceBody
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.database.schema import upgrade

from .bulk import stored
from .said import chat


def measured(folder: Path, effort: Effort) -> Row:
    calls = effort.of(1_000, 10)
    say(f"room of a chat of {calls:,} calls")
    body, text = chat(calls)
    file = folder / "room.db"
    with opened(f"sqlite:///{file}") as database:
        upgrade(database)
        with database.writing() as connection:
            stored(connection, TraceBody.model_validate(body))
    size = file.stat().st_size
    return Row(
        "",
        f"a database of one chat of {calls:,} calls, against its distinct text",
        measured=spelled(size / text, "x"),
        detail=f"{size / calls:,.0f} bytes a call, of them {text / calls:,.0f} of text",
    )
