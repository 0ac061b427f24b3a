"""Times of a recording live beside the goldens and never get in the way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_opswald.store import files, timings
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import UserInput
from pytest_opswald.trace.trace import Trace

START = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tests" / "goldens" / "test_refund.json"


def golden(*, steps: int = 2) -> Golden:
    timed = UserInput(message="x", timestamp=START, duration_ms=12.5)
    return Golden(
        name="x", test="x", trace=Trace.of([timed, *[UserInput(message="y")] * (steps - 1)])
    )


def recorded(root: Path, path: Path) -> None:
    files.save(path, golden())
    timings.save(root, path, golden().trace)


def test_times_come_back_on_request(tmp_path: Path, path: Path) -> None:
    """The golden file has none; the sidecar of this machine has them all."""
    recorded(tmp_path, path)

    assert files.load(path, timings=tmp_path) == golden()
    assert files.load(path).trace.steps[0].timestamp is None
    assert "2026" not in path.read_text(encoding="utf-8")


def test_git_never_sees_them(tmp_path: Path, path: Path) -> None:
    """The folder ignores itself."""
    recorded(tmp_path, path)

    assert (tmp_path / ".opswald" / ".gitignore").read_text(encoding="utf-8") == "*\n"


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[[1, 2, 3]]", '[["no time", 1], [null, null]]', "[[null, 1]]", "\xff", "[" * 9999],
    ids=["empty", "no list", "wide", "no time", "other steps", "no JSON", "deep"],
)
def test_a_damaged_sidecar_is_as_good_as_none(tmp_path: Path, path: Path, content: str) -> None:
    """Reading times never fails."""
    recorded(tmp_path, path)
    (sidecar,) = (tmp_path / ".opswald" / "timings").iterdir()
    sidecar.write_text(content, encoding="utf-8")

    assert files.load(path, timings=tmp_path) == files.load(path)


def test_a_read_only_root_is_no_error(tmp_path: Path, path: Path) -> None:
    """Writing times never fails."""
    (tmp_path / ".opswald").write_text("in the way")

    timings.save(tmp_path, path, golden().trace)

    assert not (tmp_path / ".opswald" / "timings").exists()
