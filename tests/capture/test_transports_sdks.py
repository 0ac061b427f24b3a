"""Real SDKs against a provider on this machine: recorded, then replayed without it."""

from __future__ import annotations

from typing import Any

import pytest

from local_provider import Provider
from pytest_opswald.capture.calls import close_open_calls
from pytest_opswald.capture.handler import activated
from pytest_opswald.capture.patching import captured
from tests.capture.handlers import Recording, Replaying
from tests.scenarios.sdk_scenarios import SCENARIOS, Scenario, model, plain

WIRES: dict[str, dict[str, Any]] = {
    "plain": {},
    "gzip": {"compress": True},
    "37 bytes": {"slices": 37},
}


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_replay_gives_what_the_recording_gave(scenario: Scenario, wire: dict[str, Any]) -> None:
    """With the provider stopped, an SDK returns and raises the same and opens no connection."""
    recording = Recording()
    with captured(), Provider(model, **wire) as provider:
        with activated(recording):
            recorded = plain(scenario(provider.url))
            close_open_calls()
        provider.stop()
        used = provider.connections

        replaying = Replaying(recording)
        with activated(replaying):
            replayed = plain(scenario(provider.url))

    assert replayed == recorded
    assert provider.connections == used
    assert recording.exchanges
    assert replaying.exchanges == []


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_recording_changes_nothing(scenario: Scenario) -> None:
    """A recorded run returns and raises what the same run does without us."""
    with Provider(model) as provider:
        alone = plain(scenario(provider.url))
        with captured(), activated(Recording()):
            recorded = plain(scenario(provider.url))
            close_open_calls()

    assert recorded == alone
