"""Ids in paths: what cannot be one is a bad request, not a missing thing."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from pytest_opswald.api import ids
from pytest_opswald.api.base import Name

TraceId = Annotated[ids.TraceId, Path(description=ids.expected("trace"))]
SessionId = Annotated[Name, Path(description="As its client chose it")]
EventId = Annotated[Name, Path(description="As its client chose it, or evt_<id>")]
WebhookId = Annotated[ids.WebhookId, Path(description=ids.expected("wh"))]
DeliveryId = Annotated[ids.DeliveryId, Path(description=ids.expected("msg"))]
TestId = Annotated[ids.TestId, Path(description=ids.expected("test"))]
RunId = Annotated[ids.RunId, Path(description=ids.expected("run"))]
ReplayId = Annotated[ids.ReplayId, Path(description=ids.expected("replay"))]
