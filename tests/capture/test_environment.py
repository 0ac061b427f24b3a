"""Replays need no keys."""

from __future__ import annotations

import os

import pytest

from pytest_opswald.capture.environment import DUMMY_KEY, PROVIDER_KEYS, provider_keys_present


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROVIDER_KEYS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", PROVIDER_KEYS)
def test_a_key_that_is_unset_is_a_dummy_for_a_while(name: str) -> None:
    """Clients can be built, and nothing stays behind."""
    with provider_keys_present():
        assert os.environ[name] == DUMMY_KEY

    assert name not in os.environ


def test_a_key_that_is_set_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own key is never replaced."""
    monkeypatch.setenv("OPENAI_API_KEY", "mine")

    with provider_keys_present():
        assert os.environ["OPENAI_API_KEY"] == "mine"

    assert os.environ["OPENAI_API_KEY"] == "mine"


def test_a_key_that_is_empty_becomes_empty_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI systems set absent secrets to nothing."""
    monkeypatch.setenv("OPENAI_API_KEY", "")

    with provider_keys_present():
        assert os.environ["OPENAI_API_KEY"] == DUMMY_KEY

    assert os.environ["OPENAI_API_KEY"] == ""


def test_a_key_that_is_set_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the code inside did to the environment is its own business."""
    with provider_keys_present():
        monkeypatch.setenv("OPENAI_API_KEY", "new")

    assert os.environ["OPENAI_API_KEY"] == "new"
