"""Answers: documents written by pydantic once, not checked by FastAPI a second time."""

from __future__ import annotations

from fastapi import Response

from pytest_opswald.api.base import Answer


def answer(document: Answer, status: int = 200) -> Response:
    return Response(document.model_dump_json(), status, media_type="application/json")
