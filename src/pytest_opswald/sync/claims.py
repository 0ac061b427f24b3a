"""What a runner has claimed stays its own while it is at work, and no longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from pytest_opswald.api.replays import Claim, Replay
from pytest_opswald.capture.calls import watched
from pytest_opswald.client.clients import OpsClient
from pytest_opswald.errors import ApiError, NoAnswer, ValidationError


@contextmanager
def renewing(client: OpsClient, claim: Claim) -> Iterator[None]:
    """Renew a claim from a thread of its own until the block ends."""
    done = Event()
    assert claim.replay
    told = (client, claim.replay.replay_id, claim.claim_id or "", claim.lease_seconds or 0.0)
    thread = Thread(target=_renew, args=(*told, done), name="claim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def delivered(client: OpsClient, claim: Claim, told: Mapping[str, Any]) -> Replay:
    """The replay with its result; without it when it was stopped, or given to somebody else."""
    assert claim.replay
    replay_id = claim.replay.replay_id
    try:
        return client.replays.result(replay_id, **told, claim_id=claim.claim_id)
    except ValidationError as refused:
        there = client.replays.get(replay_id)
        if there.status == "stopped" or refused.details.get("field") == "claim_id":
            return there
        raise


def _renew(
    client: OpsClient, replay_id: str, claim_id: str, lease_seconds: float, done: Event
) -> None:
    while not done.wait(lease_seconds / 3):
        try:
            with watched():  # no call of the agent's
                client.runner.renew(replay_id, claim_id=claim_id)
        except NoAnswer:
            continue
        except ApiError:  # the replay was stopped, or is somebody else's
            return
