"""`pytest-opswald doctor [PYTEST ARGS]`: what in a prompt was not decided by the agent's task.

Replays the suite in several processes, each under one changed circumstance, and compares what
the agent's own code said. Everything is answered from the goldens: nothing goes live.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_opswald.engine.drift import Drift, Said, between
from pytest_opswald.errors import OpswaldError
from pytest_opswald.report.amounts import counted
from pytest_opswald.report.drift import what, where

from .output import paper, write

_PLUGIN = "pytest_opswald.plugin.examination"
_VARIABLE = "OPSWALD_EXAMINATION"
_SHIFT_HOURS = 45 * 24 + 7
"""Another hour, day, weekday and month."""
Examined = Mapping[str, Sequence[Said]]
"""What was said, by test."""


class DoctorProblem(OpswaldError):
    """The examination could not be made."""


@dataclass(frozen=True, slots=True)
class Circumstance:
    """How one process differs from the first."""

    label: str = ""
    hash_seed: int = 0
    zone: str = "UTC0"
    seed: int = 0
    shift_hours: int = 0


@dataclass(frozen=True, slots=True)
class Symptom:
    """One place, and what it changes with."""

    test: str
    drift: Drift
    label: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        metavar="PYTEST ARGS",
        help="which tests to examine, as pytest takes it; -- before a leading option",
    )


def run(options: argparse.Namespace) -> int:
    arguments = [arg for arg in options.arguments if arg != "--"]
    healthy = _examined(arguments, Circumstance())
    if not healthy:
        raise DoctorProblem("no golden was replayed unmodified: there is nothing to examine")
    circumstances = _circumstances()
    found: list[Symptom] = []
    for circumstance in circumstances:
        found += _symptoms(healthy, _examined(arguments, circumstance), circumstance.label)
    symptoms = _distinct(found)
    write(_told(symptoms, len(healthy), len(circumstances) + 1))
    return 1 if any(not symptom.drift.tolerated for symptom in symptoms) else 0


def _circumstances() -> list[Circumstance]:
    """The first changes nothing: what differs there differs whenever it runs."""
    hashes = [Circumstance("changes with PYTHONHASHSEED", hash_seed=n) for n in (1, 2, 3)]
    clock = Circumstance("changes with the clock", shift_hours=_SHIFT_HOURS)
    return [
        Circumstance("differs on every run"),
        *hashes,
        Circumstance("changes with the time zone", zone=_another_day()),
        Circumstance("changes with the random seed", seed=1),
        *([clock] if _can_shift() else []),
    ]


def _another_day() -> str:
    """A zone in which it is not today's date in UTC, whatever the hour."""
    return "AHEAD-14" if datetime.now(UTC).hour >= 11 else "BEHIND12"


def _can_shift() -> bool:
    return find_spec("time_machine") is not None


def _examined(arguments: Sequence[str], circumstance: Circumstance) -> Examined:
    """Run pytest once. Raises DoctorProblem when it could not run at all."""
    with TemporaryDirectory(prefix="opswald-doctor-") as folder:
        told = {
            "folder": folder,
            "seed": circumstance.seed,
            "shift_hours": circumstance.shift_hours,
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", _PLUGIN, "--opswald-replay", "-q", *arguments],
            env={
                **os.environ,
                "PYTHONHASHSEED": str(circumstance.hash_seed),
                "TZ": circumstance.zone,
                _VARIABLE: json.dumps(told),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in {0, 1, 5}:
            raise DoctorProblem(f"pytest ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return {test: said for path in Path(folder).glob("*.json") for test, said in _read(path)}


def _read(path: Path) -> Iterator[tuple[str, Sequence[Said]]]:
    data = json.loads(path.read_bytes())
    yield data["test"], [Said(**it) for it in data["said"]]


def _symptoms(healthy: Examined, other: Examined, label: str) -> Iterator[Symptom]:
    for test in sorted(healthy.keys() & other.keys()):
        for drift in between(healthy[test], other[test]):
            yield Symptom(test, drift, label)


def _distinct(found: Sequence[Symptom]) -> list[Symptom]:
    """Each place once, with the first circumstance that shows it; by test and step."""
    places: dict[tuple[str, int, str, str], Symptom] = {}
    for symptom in found:
        drift = symptom.drift
        places.setdefault((symptom.test, drift.step, drift.path, drift.kind), symptom)
    return sorted(places.values(), key=lambda symptom: (symptom.test, symptom.drift.step))


def _told(symptoms: Sequence[Symptom], goldens: int, runs: int) -> Iterator[str]:
    page = paper()
    for symptom in symptoms:
        drift = symptom.drift
        label = symptom.label + ("; replays match in spite of it" if drift.tolerated else "")
        mark, ink = ("~ ", "note") if drift.tolerated else ("✗ ", "bad")
        yield from page.wrap(f"{symptom.test} · {where(drift)}", first=mark, rest="  ", ink=ink)
        yield from page.wrap(what(drift), first="    ", rest="      ")
        yield from page.wrap(label, first="    ", rest="      ", ink="faint")
    sick = len({symptom.test for symptom in symptoms})
    told = f"{counted(goldens, 'golden')} replayed {runs} times, {goldens - sick} without a change"
    yield from page.wrap(told, first="✓ " if not sick else "")
    if not _can_shift():
        yield "The clock was not shifted: pip install 'pytest-opswald[doctor]'"
