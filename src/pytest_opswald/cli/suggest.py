"""`pytest-opswald suggest GOLDEN ...`: an expected outcome to edit, made of what a run did."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from pytest_opswald.diff.suggestion import suggestion
from pytest_opswald.plugin.ini_rules import rules_for
from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.redaction.scanning import detector_for
from pytest_opswald.store import files
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.outcome import parse_outcome

from .output import write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("goldens", nargs="+", type=Path, metavar="GOLDEN", help="golden file")
    parser.add_argument(
        "--write",
        action="store_true",
        help="add to the golden what it does not say yet; what somebody wrote there stays",
    )


def run(options: argparse.Namespace) -> int:
    for path in options.goldens:
        golden = files.load(path)
        if options.write:
            write([f"{path}: {'written' if _add_to(path) else 'nothing to add'}"])
        else:
            said = {"expected_outcome": suggestion(golden)}
            write([json.dumps(said, ensure_ascii=False, indent=2)])
    return 0


def _add_to(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    detector = detector_for(text, rules_for(path.parent), os.environ)
    return files.update(path, _with_suggestion, detector)


def _with_suggestion(golden: Golden | None) -> Redacted | None:
    if golden is None:
        return None
    outcome = parse_outcome(suggestion(golden))
    return Redacted(golden.model_copy(update={"expected_outcome": outcome}))
