"""`pytest-opswald replay` goes by what the environment and the ini file of a project say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from local_provider import Ask, Call, Provider, Reply, Say, Script
from local_provider.support import support_agent
from pytest_opswald.cli import main
from tests.providers import point_at

REFUND = Path(__file__).parents[2] / "examples" / "quickstart" / "goldens" / "test_refund.json"


@pytest.fixture
def golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The golden of a project without settings."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "goldens").mkdir()
    return str(shutil.copy(REFUND, tmp_path / "goldens"))


def _ini(*lines: str) -> None:
    Path("pytest.ini").write_text("\n".join(("[pytest]", *lines)))


def test_the_strongest_source_wins(
    golden: str, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Option over environment over ini file, as in a session."""
    asked = []

    _ini("opswald_model = gpt-5", "opswald_seed = 7")
    main(["replay", golden])
    asked.append(provider.requests[-1].model)
    monkeypatch.setenv("OPSWALD_MODEL", "gpt-5-mini")
    main(["replay", golden])
    asked.append(provider.requests[-1].model)
    main(["replay", golden, "--model", "gpt-5-nano"])
    asked.append(provider.requests[-1].model)

    assert asked == ["gpt-5", "gpt-5-mini", "gpt-5-nano"]
    assert {request.body["seed"] for request in provider.requests} == {7}


def _asks_for_another_order(ask: Ask) -> Reply:
    return Call("refund", order_id=42) if ask.results else Call("lookup_order", order_id=43)


def _refunds_nothing(ask: Ask) -> Reply:
    if not ask.results:
        return Call("lookup_order", order_id=42)
    return Say("Order 42 is refunded: 19.9 EUR arrive within 3 days.")


@pytest.mark.parametrize(
    ("line", "agent", "told"),
    [
        ("opswald_profile = exact", support_agent, ("1 passed", "1 failed")),
        ("opswald_on_miss = nearest", _asks_for_another_order, ("diverged", "every context")),
        ("opswald_effects = refund=read", _refunds_nothing, ("1 failed", "1 passed")),
        ("opswald_trials = 2", support_agent, ("1 replayed", "2 of 2 trials passed")),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else "",
)
def test_the_ini_file_says_how_replays_are_judged(
    golden: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    line: str,
    agent: Script,
    told: tuple[str, str],
) -> None:
    """Each value makes another verdict than none."""
    command = ["replay", golden, "--model", "gpt-5", "--fidelity", "closed_loop"]
    with Provider(agent) as provider:
        point_at(provider, monkeypatch)
        main(command)
        without = capsys.readouterr().out
        _ini(line)
        main(command)
        within = capsys.readouterr().out

    assert told[0] in without
    assert told[1] in within
    assert told[1] not in without


def test_nonsense_is_refused_with_its_place(
    golden: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is replayed otherwise than somebody meant."""
    _ini("opswald_profile = strict")
    by_ini = main(["replay", golden]), capsys.readouterr().err
    monkeypatch.setenv("OPSWALD_PROFILE", "stricter")
    by_variable = main(["replay", golden]), capsys.readouterr().err

    assert by_ini[0] == by_variable[0] == 2
    assert "ini opswald_profile: 'strict' is no profile" in by_ini[1]
    assert "OPSWALD_PROFILE: 'stricter' is no profile" in by_variable[1]
