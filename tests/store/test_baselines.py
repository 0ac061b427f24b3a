"""What later sessions are compared with."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.stats.trials import Trial
from pytest_opswald.store import baselines
from pytest_opswald.store.baselines import Sample

SAMPLE = Sample("abc", "model=mini", (Trial("pass", tokens=9), Trial("infra")), ("refunds",))


def test_without_a_baseline_there_are_no_samples(tmp_path: Path) -> None:
    """Which is no error."""
    assert baselines.load(tmp_path) == {}


def test_goldens_that_did_not_run_keep_their_samples(tmp_path: Path) -> None:
    """A part of the suite renews a part of the baseline."""
    newer = Sample("def", "model=mini", (Trial("fail"),))
    baselines.save(tmp_path, {"one.json": SAMPLE, "two.json": SAMPLE})

    baselines.save(tmp_path, {"two.json": newer})

    assert baselines.load(tmp_path) == {"one.json": SAMPLE, "two.json": newer}


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": {"digest": "x"}}'])
def test_a_broken_baseline_says_how_to_write_a_new_one(tmp_path: Path, content: str) -> None:
    """It is never taken for an empty one."""
    baselines.save(tmp_path, {"one.json": SAMPLE})
    baselines.path_of(tmp_path).write_text(content)

    with pytest.raises(InvalidSetting, match="write a new one with --opswald-baseline"):
        baselines.load(tmp_path)
