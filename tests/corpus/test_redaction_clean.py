"""Real agents' traces and providers' traffic stay as they are."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.redaction.scanning import leaks

PASSWORDS = {"1j1l-2k3j", "1a7b3d"}
"""What users of the bank tell their agent to set, and a door's secret key: secrets indeed."""


def test_agent_runs_stay_as_they_are(corpus: Path) -> None:
    """A thousand runs hold two secrets, and nothing else is taken for one."""
    path = corpus / "agent_runs" / "agentdojo-banking-slack.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        runs = [json.loads(line) for line in lines]
    found: set[str] = set()

    for run in runs:
        redactor = Redactor(Detector())
        redactor.value(run)
        found |= redactor.learned.keys() | _replaced(run, redactor)

    assert found <= PASSWORDS


def _replaced(run: Any, redactor: Redactor) -> set[str]:
    """Every text that was replaced."""
    texts = (text for text in _texts(run) if redactor.text(text) != text)
    return {text[span.start : span.end] for text in texts for span in redactor.detector.find(text)}


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for item in value.values() for text in _texts(item)]
        case list():
            return [text for item in value for text in _texts(item)]
    return []


FOLDER = "provider_recordings"


@pytest.mark.parametrize("part", ["request", "response"])
def test_provider_recordings_stay_as_they_are(corpus: Path, part: str) -> None:
    """Bodies of hundreds of exchanges: ids, signatures, tokens by the count, base64."""
    replaced, size = [], 0

    for path in sorted((corpus / FOLDER).rglob("*.yaml")):
        cassette = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for interaction in cassette["interactions"]:
            said = interaction.get(part) or {}
            text = json.dumps([said.get("body"), said.get("parsed_body")], default=str)
            size += len(text)
            redactor = Redactor(Detector())
            redactor.value(json.loads(text))
            replaced += [path.name] * redactor.count
            replaced += [f"{path.name} {leak.rule}" for leak in leaks(text, redactor.detector)]

    assert len(replaced) <= size / 1_000_000, replaced
