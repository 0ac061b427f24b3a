"""Trajectories and outcomes as syrupy snapshots."""

from __future__ import annotations

import pytest

CONFTEST = """
import pytest
from pytest_opswald.plugin.snapshots import TraceSnapshotExtension

@pytest.fixture
def traced(snapshot):
    return snapshot.use_extension(TraceSnapshotExtension)
"""
TEST = """
def test_refund(traced):
    assert {value!r} == traced
"""


@pytest.fixture
def project(pytester):
    pytester.makeconftest(CONFTEST)

    def run(value, *flags):
        pytester.makepyfile(test_agent=TEST.format(value=value))
        return pytester.runpytest("-p", "no:asyncio", "-p", "no:xdist", *flags)

    return run


def test_a_trajectory_is_a_text_file_of_its_lines(project, pytester):
    """A review sees the lines themselves, in a file named like the test."""
    project("user: hi\ngpt-5.2 é\n", "--snapshot-update").assert_outcomes(passed=1)

    file = pytester.path / "__snapshots__" / "test_agent" / "test_refund.txt"
    assert file.read_text(encoding="utf-8") == "user: hi\ngpt-5.2 é\n"


def test_an_equal_trajectory_passes(project):
    """What was written compares equal, with or without its last line break."""
    project("user: hi\n", "--snapshot-update")

    project("user: hi\n").assert_outcomes(passed=1)
    project("user: hi").assert_outcomes(passed=1)


def test_a_changed_line_is_one_line_of_the_failure(project):
    """Syrupy's own diff, line by line."""
    project("user: hi\ntool refund(amount=1)\n", "--snapshot-update")

    result = project("user: hi\ntool refund(amount=2)\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- tool refund(amount=1)*", "*+ tool refund(amount=2)*"])


def test_an_outcome_is_kept_as_json(project, pytester):
    """A mapping reads as indented JSON."""
    project({"status": "completed", "models": []}, "--snapshot-update").assert_outcomes(passed=1)

    file = pytester.path / "__snapshots__" / "test_agent" / "test_refund.txt"
    assert file.read_text(encoding="utf-8") == '{\n  "status": "completed",\n  "models": []\n}\n'
