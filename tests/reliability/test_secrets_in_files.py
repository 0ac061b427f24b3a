"""Goldens: a second look at every write, and a header that says what was done."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald.engine.recorder import Recorder
from pytest_opswald.engine.result import Recording
from pytest_opswald.errors import GoldenLeaks
from pytest_opswald.exchange import Failure, Response
from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.redaction.rules import rules
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.runs import golden_of
from pytest_opswald.store import files
from pytest_opswald.trace.golden import Golden, Redaction
from pytest_opswald.trace.steps import UserInput
from pytest_opswald.trace.trace import Trace
from tests.engine.runs import CLOCK, Scope, ask, later, say
from tests.redaction.planted import secret

KEY = secret("github")


def golden(message: str) -> Redacted:
    """A golden that nobody has redacted, passed off as one."""
    trace = Trace.of([UserInput(message=message)])
    return Redacted(Golden(name="deploy", test="test_it.py::test_deploy", trace=trace))


def recording(answer: Response | Failure, **setting: Any) -> Recording:
    known = Secrets(rules(**setting))
    engine = Recorder(scope=Scope(), clock=CLOCK, price=lambda call: None, secrets=known)
    request = ask("Deploy it")
    engine.on_request(request)
    engine.on_response(request, later(answer))
    return engine.finish()


def written(path: Path, recorded: Recording) -> dict[str, Any]:
    files.save(path, golden_of(recorded, name="deploy", test="t"), recorded.redactor.detector)
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def test_a_secret_that_slipped_through_is_not_written(tmp_path: Path) -> None:
    """The error names place and rule, and says nothing of the secret."""
    path = tmp_path / "deploy.json"

    with pytest.raises(GoldenLeaks) as error:
        files.save(path, golden(f"use {KEY}"))

    assert "github-token" in str(error.value)
    assert str(error.value).startswith(f"{path}:8:")
    assert KEY not in str(error.value)
    assert not path.exists()


def test_a_known_value_that_slipped_through_is_not_written(tmp_path: Path) -> None:
    """Whatever it looks like."""
    with pytest.raises(GoldenLeaks, match="known-value"):
        files.save(tmp_path / "it.json", golden("tr0ub4dor"), Detector(known={"tr0ub4dor": "pw"}))


def test_a_secret_in_the_id_of_a_test_is_not_written(tmp_path: Path) -> None:
    """A parameter would be told by the name of the file."""
    path = tmp_path / "deploy.json"
    recorded = recording(say("done"))
    leaky = golden_of(recorded, name="deploy", test=f"test_it.py::test_deploy[{KEY}]")

    with pytest.raises(GoldenLeaks, match="the id of its test holds a secret\nName the parameter"):
        files.save(path, leaky)

    assert not path.exists()


def test_the_old_golden_stays_when_the_new_one_is_refused(tmp_path: Path) -> None:
    """To the byte."""
    path = tmp_path / "deploy.json"
    files.save(path, golden("use it"))
    before = path.read_bytes()

    with pytest.raises(GoldenLeaks):
        files.save(path, golden(f"use {KEY}"))

    assert path.read_bytes() == before


def test_the_header_tells_what_was_replaced(tmp_path: Path) -> None:
    """And the file reads back with it."""
    path = tmp_path / "deploy.json"

    data = written(path, recording(say(f"use {KEY}, yes, {KEY}")))

    assert data["redaction"] == {"rules": 1, "count": 1}
    assert data["expected_outcome"]["final_message"] == (
        "use ‹redacted:github-token#1›, yes, ‹redacted:github-token#1›"
    )
    assert files.load(path).redaction == Redaction(count=1)


def test_the_header_of_a_clean_golden_says_nothing(tmp_path: Path) -> None:
    """One line less to review."""
    assert "redaction" not in written(tmp_path / "deploy.json", recording(say("done")))


def test_a_disabled_rule_stands_in_the_header(tmp_path: Path) -> None:
    """For all to see who review the golden."""
    path = tmp_path / "deploy.json"

    data = written(path, recording(say(f"use {KEY}"), disable=["github-token"]))

    assert data["redaction"] == {"rules": 1, "disabled": ["github-token"], "count": 0}
    assert KEY in path.read_text(encoding="utf-8")


def body(content: str, kind: str) -> Response:
    return Response(200, (("content-type", kind),), (content.encode("utf-8", "surrogateescape"),))


def tokens(*texts: str) -> list[dict[str, Any]]:
    """Log probabilities, as OpenAI tells them."""
    said = [{"token": text, "logprob": -0.1, "bytes": list(text.encode())} for text in texts]
    return [{**each, "top_logprobs": [each]} for each in said]


def probable(*texts: str) -> Response:
    choice = {"index": 0, "message": {"content": "..."}, "logprobs": {"content": tokens(*texts)}}
    return body(json.dumps({"choices": [choice]}), "application/json")


def probably_streamed(*texts: str) -> Response:
    choices = [
        {"index": 0, "delta": {"content": "."}, "logprobs": {"content": tokens(*pair)}}
        for pair in pairwise(texts)
    ]
    events = [f"data: {json.dumps({'choices': [choice]})}\n\n" for choice in choices[::2]]
    return body("".join(events), "text/event-stream")


PIECES = ("use ", KEY[:4], KEY[4:9], KEY[9:21], KEY[21:], " now")

ANSWERS = {
    "tokens": probable(*PIECES),
    "streamed tokens": probably_streamed(*PIECES),
    "text": body(f"token {KEY}", "text/plain"),
    "lines": body(
        f'{{"message": "{KEY[:9]}"}}\n{{"message": "{KEY[9:]}"}}\n', "application/x-ndjson"
    ),
    "binary": body(f"\udcff\udcfe {KEY} \udcff", "application/octet-stream"),
    "broken json": body(f'{{"token": "{KEY}', "application/json"),
    "error": body(json.dumps({"error": {"message": f"bad key {KEY}"}}), "application/json"),
    "failure": Failure("ConnectError", f"cannot reach https://{KEY}@example.com"),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_kind_of_answer_carries_a_secret(answer: Response | Failure, tmp_path: Path) -> None:
    """Text, lines of JSON, bytes, what broke off, errors, failures of the transport."""
    path = tmp_path / "deploy.json"

    written(path, recording(answer))

    text = path.read_text(encoding="utf-8")
    assert KEY not in text
    assert KEY[9:] not in text
    assert KEY[9:21] not in text
    assert str(list(KEY[9:21].encode()))[1:-1] not in text
    assert base64.b64encode(KEY.encode()).decode()[4:-4] not in text
    assert "redaction" in text
