"""vcrpy told to look at what was asked, as pytest-opswald always does."""

from __future__ import annotations

from pathlib import Path

from benchmarks.conversations import Conversation
from benchmarks.lanes import Lane

from . import vcrpy
from .vcrpy import record

__all__ = ["lane", "record"]


def lane(folder: Path, conversation: Conversation) -> Lane:
    return vcrpy.lane(folder, conversation, match_on=(*vcrpy.DEFAULT, "body"))
