"""Real exchanges survive a golden: what providers really send is stored and comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from pytest_opswald.exchange import Request, Response
from pytest_opswald.store import files
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import Custom, HttpRecord
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.records import to_record


def bodies(interaction: dict[str, Any]) -> HttpRecord | None:
    """The exchange as a record; None when the recording is no plain HTTP exchange."""
    asked, answered = interaction.get("request"), interaction.get("response")
    if not isinstance(asked, dict) or not isinstance(answered, dict) or "uri" not in asked:
        return None
    headers = tuple(
        (name, value if isinstance(value, str) else value[0])
        for name, value in (answered.get("headers") or {}).items()
    )
    request = Request(asked.get("method", "POST"), asked["uri"], (), body(asked))
    status = answered.get("status") or {}
    return to_record(request, Response(status.get("code", 200), headers, (body(answered),)))


def body(message: dict[str, Any]) -> bytes:
    if "parsed_body" in message:
        return json.dumps(message["parsed_body"]).encode()
    told = message.get("body")
    told = told.get("string") if isinstance(told, dict) else told
    return told if isinstance(told, bytes) else str(told or "").encode()


def test_every_recorded_exchange_comes_back(corpus: Path, tmp_path: Path) -> None:
    """Each cassette as one golden is loaded equal to what was saved, byte for byte in JSON."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    count = 0

    for cassette in sorted((corpus / "provider_recordings").rglob("*.yaml")):
        told = yaml.load(cassette.read_text(encoding="utf-8"), Loader=loader)
        records = [r for each in told.get("interactions", []) if (r := bodies(each))]
        saved = Golden(
            name=cassette.stem, test="x", trace=Trace.of([Custom(http=r) for r in records])
        )
        path = tmp_path / f"{count}.json"
        files.save(path, saved)
        assert files.load(path).model_dump_json() == saved.model_dump_json(), cassette.name
        count += len(records)

    assert count > 300
