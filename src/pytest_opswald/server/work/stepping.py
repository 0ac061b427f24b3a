"""The steps of a replay beside those of the recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from pytest_opswald.api.replays import ReplayedStep
from pytest_opswald.api.steps import Step
from pytest_opswald.server.database.units import usd
from pytest_opswald.server.storage import replay_answers, replays, snapshots
from pytest_opswald.server.storage.projects import Project


def steps_of(connection: Connection, project: Project, row: Any) -> Iterator[ReplayedStep]:
    """As they were aligned once it has ended; before that, as far as it is."""
    recorded = snapshots.opened(connection, project, row.snapshot_pk)
    kept = replays.kept_steps(connection, project, row.pk)
    if kept:
        return _aligned(recorded, kept)
    answers = replay_answers.of(connection, project, row.pk)
    made = {each.step: each for each in answers if each.data is not None}
    return (
        ReplayedStep(
            step_number=step.step_number,
            recorded=step,
            replayed=_replayed(step, made.get(step.step_number))
            if step.step_number <= row.current_step and row.fidelity != "attached"
            else None,
        )
        for step in recorded
    )


def _aligned(recorded: tuple[Step, ...], kept: Any) -> Iterator[ReplayedStep]:
    for number, pair in enumerate(kept, start=1):
        at, step = pair.get("recorded"), pair.get("step")
        yield ReplayedStep(
            step_number=number,
            recorded=recorded[at - 1] if at else None,
            replayed=Step.model_validate(step) if step else None,
        )


def _replayed(step: Step, answer: Any) -> Step:
    if answer is None:
        return step
    said = replay_answers.said(answer)
    asked = step.input if isinstance(step.input, dict) else {}
    return step.model_copy(
        update={
            "input": asked | {"model": said.get("model", asked.get("model"))},
            "output": said.get("output"),
            "cost": usd(answer.cost),
            "raw": None,
        }
    )
