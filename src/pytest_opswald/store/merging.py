"""What survives a new recording: whatever somebody wrote by hand."""

from __future__ import annotations

from typing import Any

from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.trace.effects import is_settled
from pytest_opswald.trace.golden import Golden, suggested_outcome
from pytest_opswald.trace.outcome import ExpectedOutcome, parse_outcome
from pytest_opswald.trace.trace import Trace


def merge(old: Golden | None, new: Redacted) -> Redacted:
    """The new recording with the tags, effects and expectations that were edited in the old one.

    An expectation that only repeated the old recording follows the new one; one that was removed
    stays away. Tags of both are kept.
    """
    if old is None:
        return new
    kept = {
        "tags": tuple(dict.fromkeys((*old.tags, *new.tags))),
        "expected_outcome": parse_outcome(_expectations(old, new)),
        "effects": _effects(old, new),
    }
    return Redacted(new.model_copy(update=kept))


def _effects(old: Golden, new: Golden) -> dict[str, str]:
    """What somebody has looked at and written down stays, where the code says nothing."""
    looked_at = {tool: held for tool, held in old.effects.items() if is_settled(held)}
    return {
        tool: held if is_settled(held) else looked_at.get(tool, held)
        for tool, held in new.effects.items()
    }


def _expectations(old: Golden, new: Golden) -> dict[str, Any]:
    before, after = _said(old.expected_outcome), _said(new.expected_outcome)
    was_suggested, is_suggested = _suggested(old.trace), _suggested(new.trace)
    by_hand = {key: value for key, value in before.items() if not _is(was_suggested, key, value)}
    asked = {key: value for key, value in after.items() if not _is(is_suggested, key, value)}
    removed = was_suggested.keys() - before.keys()
    followed = {key: value for key, value in after.items() if key not in removed}
    merged = {**followed, **by_hand, **asked}
    return {key: merged[key] for key in dict.fromkeys((*before, *after)) if key in merged}


def _is(said: dict[str, Any], key: str, value: Any) -> bool:
    return key in said and said[key] == value


def _suggested(trace: Trace) -> dict[str, Any]:
    return _said(suggested_outcome(trace))


def _said(outcome: ExpectedOutcome) -> dict[str, Any]:
    said: dict[str, Any] = outcome.model_dump(mode="json")
    return said
