"""Golden files on disk: whole or not at all, and every unreadable one named."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald.errors import (
    GoldenConflict,
    GoldenCorrupt,
    GoldenError,
    GoldenMissing,
    GoldenTooNew,
)
from pytest_opswald.store import files
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.outcome import parse_outcome
from pytest_opswald.trace.steps import (
    Custom,
    Decision,
    Error,
    Response,
    StepError,
    ToolCall,
    ToolInput,
    ToolOutput,
    ToolResult,
    ToolResultInput,
    UserInput,
)
from pytest_opswald.trace.trace import Trace

LONG = "Your order 42 was refunded. " * 10


def golden(*steps: Any, **fields: Any) -> Golden:
    return Golden(
        name="test_refund", test="test_refund.py::test_refund", trace=Trace.of(steps), **fields
    )


def every_kind() -> Golden:
    return golden(
        UserInput(message=LONG),
        ToolCall(
            input=ToolInput(tool="refund", arguments={"same_as": LONG}, tool_call_id="c1"),
            group=1,
            arrival=2,
            declared=False,
        ),
        ToolResult(
            input=ToolResultInput(tool="refund", tool_call_id="c1"),
            output=ToolOutput(result={"text": LONG, "total": 1.0}),
            metadata={"note": LONG},
        ),
        Decision(input={"options": [1, 2]}, output={"decision": None}, agent="triage"),
        Custom(input=0, output=[], name="by hand", cost=0.5),
        Error(status="error", error=StepError(type="timeout", message=LONG)),
        Response(message=LONG, structured_output={"literal": {"ok": True}}),
        tags=("smoke",),
        expected_outcome=parse_outcome(
            {"status": "completed", "final_message": {"contains": "42"}}
        ),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "goldens" / "test_refund.json"


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def test_a_golden_is_loaded_as_it_was_saved(path: Path) -> None:
    """Every kind of step comes back equal, header and expectations too."""
    files.save(path, every_kind())

    assert files.load(path) == every_kind()


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_llm_calls_are_read_from_what_the_wire_said(
    path: Path, provider: Callable[..., Golden], turns: Callable[..., list[Any]], stream: bool
) -> None:
    """Exchanges come back equal; input, output and tokens are read from them, not stored."""
    saved = provider(turns(4, characters=200), stream=stream)

    files.save(path, saved)
    loaded = files.load(path)

    assert [step.http for step in loaded.trace.llm_calls] == [
        step.http for step in saved.trace.llm_calls
    ]
    last = loaded.trace.llm_calls[-1]
    assert last.output.content == turns(4, characters=200)[-1].answer
    assert last.input.messages[-1].content == turns(4, characters=200)[-1].user
    assert last.tokens is not None


def test_saving_what_was_loaded_changes_nothing(
    path: Path, provider: Callable[..., Golden], turns: Callable[..., list[Any]]
) -> None:
    """Loading and saving is the identity on bytes, and an equal file is not touched."""
    files.save(path, provider(turns(5, characters=200), stream=True))
    before = path.stat()

    written = files.save(path, files.load(path))

    assert not written
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_new_golden_has_the_rights_of_a_new_file(path: Path) -> None:
    """Not those of a temporary file, which nobody else may read."""
    files.save(path, every_kind())
    other = path.with_name("other")
    other.touch()

    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_a_save_that_fails_leaves_the_old_golden(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Whatever goes wrong on the way, the old file stands whole and nothing lies beside it."""
    files.save(path, every_kind())
    before = path.read_bytes()

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, call)), fail)

    with pytest.raises(GoldenError, match="was not written: disk full"):
        files.save(path, golden(UserInput(message="other")))

    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]  # noqa: PTH208


def test_leftovers_of_killed_processes_are_swept(path: Path) -> None:
    """Whoever is alive holds the lock, so a temporary file of this golden is nobody's."""
    path.parent.mkdir()
    own, others = (path.with_name(f".{name}.k1lled_0.tmp") for name in ("test_refund", "test_x.y"))
    own.touch()
    others.touch()

    files.save(path, every_kind())

    assert not own.exists()
    assert others.exists()


def test_a_folder_that_is_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    """Goldens never lie anywhere but beside their tests."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path.parent.symlink_to(elsewhere)

    with pytest.raises(GoldenError, match="is a symbolic link"):
        files.save(path, every_kind())

    assert not any(elsewhere.iterdir())


def test_an_update_gets_the_golden_as_it_is_now(path: Path) -> None:
    """What is read, made and written is one step; None leaves the file alone."""
    seen: list[Golden | None] = []

    def make(old: Golden | None) -> Golden | None:
        seen.append(old)
        return golden(UserInput(message="again")) if old is None else None

    assert files.update(path, make)
    assert not files.update(path, make)
    assert seen == [None, files.load(path)]


def test_an_unreadable_golden_is_replaced_on_request_only(path: Path) -> None:
    """Else somebody may still want to mend it."""
    write(path, "<<<<<<< ours")

    with pytest.raises(GoldenConflict):
        files.update(path, lambda old: every_kind())
    files.update(path, lambda old: every_kind(), replace_unreadable=True)

    assert files.load(path) == every_kind()


def test_a_missing_golden_names_the_command_that_records_it(path: Path) -> None:
    """The node id is quoted for the shell."""
    with pytest.raises(GoldenMissing) as caught:
        files.load(path, test="tests/test_refund.py::test_refund[a b]")

    assert caught.value.remedy == (
        "Record it:  pytest 'tests/test_refund.py::test_refund[a b]' --opswald-record"
    )


def test_a_later_schema_is_refused(path: Path) -> None:
    """A golden of a later release is never guessed at."""
    write(path, '{"schema": 99, "what": "ever"}')

    with pytest.raises(GoldenTooNew, match="schema 99"):
        files.load(path)


HEAD = '"schema": 1, "name": "x", "test": "x"'


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        ("null", "1:1", 'no "schema"'),
        ("[]", "1:1", 'no "schema"'),
        ('{"schema": "1"}', "1:2", 'no "schema"'),
        ('{"schema": true}', "1:2", 'no "schema"'),
        (f'{{{HEAD},\n "stepz": []}}', "2:2", "unknown key stepz, did you mean steps?"),
        (f"{{{HEAD}}}", "1:1", "a list of `steps`"),
        ('{"schema": 1, "test": "x", "steps": []}', "1:1", "has a `name`"),
        (f'{{{HEAD}, "steps": [],\n"tags": [1]}}', "2:1", "a list of texts"),
        (
            f'{{{HEAD}, "steps": [],\n"expected_outcome": {{\n "final_mesage": "x"}}}}',
            "3:2",
            "did you mean final_message?",
        ),
        (f'{{{HEAD}, "steps": [\n1]}}', "2:1", "a step is an object"),
        (f'{{{HEAD}, "steps": [\n{{"step": 2}}]}}', "2:2", "numbered from 1"),
        (
            f'{{{HEAD}, "steps": [{{"step": 1,\n "type": "llm_cal"}}]}}',
            "2:2",
            "did you mean llm_call?",
        ),
        (
            f'{{{HEAD}, "steps": [{{"step": 1, "type": "user_input",\n "messag": "x"}}]}}',
            "1:",
            "message: Field required",
        ),
        (
            f'{{{HEAD}, "steps": [{{"step": 1, "type": "user_input", "message": "x",\n "agnt": 1}}]}}',
            "2:2",
            "unknown key agnt, did you mean agent?",
        ),
        (
            f'{{{HEAD}, "steps": [{{"step": 1, "type": "custom",\n "input": {{"same_as": "9.x"}}}}]}}',
            "1:",
            "not at or before this step",
        ),
        (
            f'{{{HEAD}, "steps": [{{"step": 1, "type": "llm_call", "http": {{}},\n"output": {{}}}}]}}',
            "2:1",
            "is read from `http`",
        ),
        (
            f'{{{HEAD}, "steps": [{{"step": 1, "type": "llm_call",\n"http": {{"url": "u", "format": "f"}}}}]}}',
            "2:1",
            "no f exchange",
        ),
    ],
    ids=lambda value: None if str(value).startswith(("{", "[", "null")) else value,
)
def test_a_file_that_is_no_golden_is_named_with_its_line(
    path: Path, content: str, place: str, problem: str
) -> None:
    """Wrong shape is as precise an error as wrong JSON: path, line, column, what, what now."""
    write(path, content)

    with pytest.raises(GoldenCorrupt) as caught:
        files.load(path)

    assert str(caught.value).startswith(f"{path}:{place}")
    assert problem in caught.value.problem
    assert "--opswald-record" in caught.value.remedy


def _directory(path: Path) -> None:
    path.mkdir()


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**31)


@pytest.mark.parametrize(
    "make",
    [_directory, _loop, _sparse, os.mkfifo],
    ids=["directory", "symlink loop", "2 GiB", "FIFO"],
)
def test_what_is_no_bearable_file_is_never_opened(path: Path, make: Callable[[Path], None]) -> None:
    """A FIFO would hang and a huge file fill the memory: both are refused by their looks."""
    path.parent.mkdir()
    make(path)

    with pytest.raises(GoldenCorrupt, match=str(path)):
        files.load(path)


def test_a_damaged_golden_never_ends_in_another_error(
    path: Path, provider: Callable[..., Golden], turns: Callable[..., list[Any]]
) -> None:
    """Any value replaced by any other still loads, or is GoldenCorrupt."""
    files.save(path, provider(turns(2, characters=100), stream=True))
    text = path.read_text(encoding="utf-8")

    for number, line in enumerate(lines := text.splitlines()):
        key, colon, rest = line.partition('": ')
        if colon and not rest.startswith(("{", "[")):
            damaged = [*lines]
            damaged[number] = f'{key}": null{"," if line.endswith(",") else ""}'
            write(path, "\n".join(damaged))
            refused(path)


def refused(path: Path) -> GoldenCorrupt | None:
    try:
        files.load(path)
    except GoldenCorrupt as fault:
        return fault
    return None


def test_the_file_reads_from_the_top(path: Path) -> None:
    """Header, expectations, steps: in this order, and nothing about time or version."""
    files.save(path, every_kind())

    assert list(json.loads(path.read_text(encoding="utf-8"))) == [
        "schema",
        "made_by",
        "name",
        "test",
        "tags",
        "expected_outcome",
        "steps",
    ]
