"""`pytest-opswald replay`: many goldens, one model, a budget."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_provider import Ask, Call, Fail, Provider, Reply, Say
from pytest_opswald.cli import batch, main, replay
from pytest_opswald.store import files
from pytest_opswald.trace.trace import Trace
from tests.providers import point_at

EXAMPLES = Path(__file__).parents[2] / "examples"
REFUND = EXAMPLES / "quickstart" / "goldens" / "test_refund.json"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def _copies(folder: Path, count: int) -> list[str]:
    folder.mkdir()
    for number in range(count):
        name = f"test_{number}"
        text = REFUND.read_text().replace('"name": "test_refund"', f'"name": "{name}"')
        (folder / f"{name}.json").write_text(text)
    return [str(path) for path in sorted(folder.glob("*.json"))]


def test_every_result_names_fidelity_coverage_and_cost(
    provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """A red replay says where it diverged and exits 1."""
    code = main(["replay", str(REFUND), "--model", "gpt-5-mini"])

    said = capsys.readouterr().out
    assert code == 1
    assert "teacher_forced: 3 of 3 LLM calls live" in said
    assert "first divergence: step 5 llm_call" in said
    assert "spent" in said


def test_a_folder_is_searched_and_frozen_needs_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a change recorded answers are judged again, offline."""
    _copies(tmp_path / "goldens", 3)

    assert main(["replay", str(tmp_path), "--jobs", "2"]) == 0
    assert "3 replayed (3 passed, 0 failed)" in capsys.readouterr().out


def test_of_a_folder_only_goldens_are_replayed_and_each_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON Schemas lie beside them, and runs that are accepted as well."""
    folder = tmp_path / "goldens"
    (golden,) = map(Path, _copies(folder, 1))
    golden.with_name("test_0.variant-2.json").write_bytes(golden.read_bytes())
    (folder / "refund.schema.json").write_text('{"type": "object"}')

    assert main(["replay", str(tmp_path)]) == 0
    assert "1 replayed (1 passed, 0 failed)" in capsys.readouterr().out


def test_json_is_one_object_a_golden(
    provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """For scripts."""
    main(["replay", str(REFUND), "--model", "gpt-5", "--json", "--fidelity", "closed_loop"])

    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert (said["fidelity"], said["failed"]) == ("closed_loop", False)


def test_a_budget_stops_before_it_is_exceeded(
    tmp_path: Path, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it does not allow is named, and the exit code says incomplete."""
    _copies(tmp_path / "goldens", 3)

    code = main(["replay", str(tmp_path), "--model", "gpt-5", "--max-cost", "0.0005"])

    assert code == replay.INCOMPLETE
    assert "2 left out by --max-cost" in capsys.readouterr().out
    assert len(provider.requests) == 3


def test_a_budget_is_held_against_the_prices_of_the_new_model(
    tmp_path: Path, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the recording cost says nothing of a model that is ten times as dear."""
    _copies(tmp_path / "goldens", 3)

    code = main(["replay", str(tmp_path), "--model", "gpt-5.2-pro", "--max-cost", "0.002"])

    assert code == replay.INCOMPLETE
    assert "3 left out by --max-cost, $0.00 spent" in capsys.readouterr().out
    assert not provider.requests


def test_a_budget_is_refused_for_a_model_without_a_price(
    provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would hold nothing back."""
    code = main(["replay", str(REFUND), "--model", "anthropic:unheard-of", "--max-cost", "1"])

    assert code == 2
    assert "the price of unheard-of is unknown" in capsys.readouterr().err
    assert not provider.requests


def test_calls_of_unknown_price_are_not_said_to_be_free(
    provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sum says what it is without."""
    main(["replay", str(REFUND), "--model", "unheard-of"])

    assert "(1 passed, 0 failed), $0.00 spent besides 3 calls of unknown price" in (
        capsys.readouterr().out
    )


def test_a_judge_counts_against_the_budget(
    tmp_path: Path, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it is asked as well."""
    (path,) = map(Path, _copies(tmp_path / "goldens", 1))
    dear = {"rubric": "Kind.", "model": "openai:gpt-5.2-pro"}
    golden = json.loads(path.read_text())
    golden["expected_outcome"]["final_message"] = {"judge": dear}
    path.write_text(json.dumps(golden))

    code = main(["replay", str(tmp_path), "--model", "gpt-5", "--max-cost", "0.0005"])

    assert (code, provider.requests) == (replay.INCOMPLETE, [])
    assert "1 left out by --max-cost" in capsys.readouterr().out


def test_a_judge_without_a_key_is_named_before_anything_is_paid_for(
    tmp_path: Path,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The goldens before it would be replayed, and their verdicts lost."""
    *_, path = map(Path, _copies(tmp_path / "goldens", 2))
    rule = {"rubric": "Kind.", "model": "anthropic:claude-haiku-5"}
    golden = json.loads(path.read_text())
    golden["expected_outcome"]["final_message"] = {"judge": rule}
    path.write_text(json.dumps(golden))
    monkeypatch.delenv("ANTHROPIC_API_KEY")

    code = main(["replay", str(tmp_path), "--fidelity", "teacher_forced"])

    assert (code, provider.requests) == (2, [])
    assert "export ANTHROPIC_API_KEY=..." in capsys.readouterr().err
    assert main(["replay", str(tmp_path)]) == 0


@pytest.mark.parametrize("option", [("--max-cost", "-1"), ("--max-cost", "nan"), ("--jobs", "0")])
def test_amounts_that_make_no_sense_are_refused(
    option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A negative budget would leave everything out and look like a small one."""
    assert main(["replay", str(REFUND), *option]) == 2
    assert f"{option[1]!r} is no" in capsys.readouterr().err


def test_a_provider_that_is_down_makes_no_regression(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code says incomplete, whatever the run came to without answers."""
    with Provider(lambda ask: Fail(503, retry_after=0)) as down:
        point_at(down, monkeypatch)
        code = main(["replay", str(REFUND), "--model", "gpt-5-mini", "--json"])

    assert code == replay.INCOMPLETE
    assert json.loads(capsys.readouterr().out)["infra"]


def test_what_was_no_loop_is_named_before_anything_is_paid_for(
    tmp_path: Path, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """The loops beside it would be paid for, and their verdicts lost."""
    _, last = map(Path, _copies(tmp_path / "goldens", 2))
    golden = files.load(last)
    steps = [step for step in golden.trace.steps if step != golden.trace.llm_calls[1]]
    files.save(last, golden.model_copy(update={"trace": Trace.of(steps)}))

    code = main(["replay", str(tmp_path), "--model", "gpt-5", "--fidelity", "closed_loop"])

    assert code == 2
    said = capsys.readouterr().err
    assert f"{last}: no closed loop: LLM call 2 mixes tool results with other words" in said
    assert "--fidelity teacher_forced" in said
    assert not provider.requests


def test_a_change_that_fits_no_call_is_no_success(
    provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt OLD would be green for ever."""
    code = main(["replay", str(REFUND), "--model", "gpt-5.1=gpt-5-mini"])

    assert code == replay.INCOMPLETE
    assert "changed no LLM call of 1 golden, which asks gpt-5.2" in capsys.readouterr().out


def test_an_interrupted_batch_goes_on_where_it_stopped(
    tmp_path: Path,
    provider: Provider,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was paid for is not paid again."""
    _copies(tmp_path / "goldens", 3)
    command = ["replay", str(tmp_path), "--model", "gpt-5"]
    draw = replay.draw_bar

    def interrupt(ended: int, *rest: object) -> None:
        if ended == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(replay, "draw_bar", interrupt)
    first = main(command)
    asked = len(provider.requests)
    monkeypatch.setattr(replay, "draw_bar", draw)
    second = main(command)

    assert (first, second) == (replay.INCOMPLETE, 0)
    assert len(provider.requests) == 9
    assert asked >= 6
    said = capsys.readouterr()
    assert "2 of 3 are kept; the same command goes on" in said.err
    assert "kept from the interrupted run" in said.out
    assert not list((tmp_path / ".opswald" / batch.KIND).glob("*.json"))


def _twice(folder: Path) -> str:
    """A golden that asks for two trials."""
    (path,) = map(Path, _copies(folder, 1))
    own = '"expected_outcome": {"trials": {"n": 2}, '
    path.write_text(path.read_text().replace('"expected_outcome": {', own))
    return str(path)


@pytest.mark.parametrize(
    ("model", "code", "told"),
    [
        ("gpt-5", 0, "2 of 2 trials passed (rule: 2 of 2)"),
        ("gpt-5-mini", 1, "0 of 1 trial passed (rule: 2 of 2)"),
    ],
)
def test_a_golden_says_how_often_it_is_replayed(
    tmp_path: Path,
    provider: Provider,
    capsys: pytest.CaptureFixture[str],
    model: str,
    code: int,
    told: str,
) -> None:
    """Not once more than the verdict takes."""
    assert main(["replay", _twice(tmp_path / "goldens"), "--model", model]) == code

    assert told in " ".join(capsys.readouterr().out.split())


def test_no_trial_is_paid_for_twice(
    tmp_path: Path, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """The budget counts each; those that it allowed are kept for the next time."""
    command = ["replay", _twice(tmp_path / "goldens"), "--model", "gpt-5"]

    first = main([*command, "--max-cost", "0.0005"])
    asked = len(provider.requests)
    second = main(command)

    assert (first, asked) == (replay.INCOMPLETE, 3)
    assert (second, len(provider.requests)) == (0, 6)
    assert "2 of 2 trials passed" in capsys.readouterr().out
    assert not list((tmp_path / ".opswald" / batch.KIND).glob("*.json"))


TICKET = "ACME-4711"
"""Looks like no secret; a rule of the project says that it is one."""


def _tells_a_ticket(ask: Ask) -> Reply:
    if not ask.results:
        return Call("lookup_order", order_id=TICKET)
    return Say(f"Refunded with ticket {TICKET}.")


@pytest.mark.parametrize("form", [[], ["--json"], ["-v"]], ids=str)
def test_what_a_rule_of_the_project_calls_a_secret_stays_secret(
    form: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither what is shown of live answers nor what is kept for the next time tells it."""
    _copies(tmp_path / "goldens", 2)
    (tmp_path / "pytest.ini").write_text("[pytest]\nopswald_redact_patterns = ACME-\\d+\n")
    with Provider(_tells_a_ticket) as provider:
        point_at(provider, monkeypatch)
        main(["replay", str(tmp_path), "--model", "gpt-5", "--max-cost", "0.0005", *form])

    (kept,) = (tmp_path / ".opswald" / batch.KIND).glob("*.json")
    told = capsys.readouterr().out + kept.read_text()
    assert TICKET not in told
    assert "redacted:custom" in told


def test_a_new_rule_makes_kept_replays_worth_nothing(
    tmp_path: Path, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was kept may hold what is a secret now."""
    command = ["replay", str(tmp_path), "--model", "gpt-5", "--max-cost", "0.0005"]
    _copies(tmp_path / "goldens", 2)
    main(command)

    (tmp_path / "pytest.ini").write_text("[pytest]\nopswald_redact_patterns = Order\n")
    main(command)

    assert "kept from the interrupted run" not in capsys.readouterr().out
    assert len(provider.requests) == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.json"], "nowhere.json"),
        ([str(REFUND), "--fork-from-step", "99"], "has 9 steps"),
        ([str(REFUND), "--temperature", "warm"], "--temperature: 'warm' is not a number"),
        (["."], "there is no golden in this folder"),
    ],
)
def test_nonsense_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, and what is wrong."""
    assert main(["replay", *arguments]) == 2
    assert said in capsys.readouterr().err
