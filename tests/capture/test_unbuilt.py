"""Transports that are built when they are first used."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pytest_opswald.capture.unbuilt import built_when_used


class Transport:
    """Tells how often one was built."""

    made: list[str]

    def __init__(self, certificate: str = "there") -> None:
        self.made.append(certificate)
        if certificate == "missing":
            raise FileNotFoundError(certificate)
        self.pool = certificate

    def send(self) -> str:
        return self.pool

    def close(self) -> None:
        self.pool = "closed"


@pytest.fixture
def transport() -> Any:
    """A class of its own, of which none was built."""
    return type("Transport", (Transport,), {"made": [], "__init__": Transport.__init__})


def test_a_transport_that_is_not_used_is_never_built(transport: Any) -> None:
    """Making, closing and leaving it cost nothing; it is of its class all the same."""
    with built_when_used(transport):
        one = transport()
        one.close()

    assert isinstance(one, transport)
    assert not transport.made


def test_the_first_use_builds_it_once_and_for_good(transport: Any) -> None:
    """From then on it is an ordinary one."""
    with built_when_used(transport):
        one = transport("mine")
        said = [one.send(), one.send()]

    assert said == ["mine", "mine"]
    assert transport.made == ["mine"]
    assert type(one) is transport


def test_one_that_outlives_the_run_is_built_later(transport: Any) -> None:
    """A client made at import time serves later tests, too."""
    with built_when_used(transport):
        one = transport()

    assert one.send() == "there"


def test_threads_that_come_together_build_one(transport: Any) -> None:
    """Both get the same."""
    with built_when_used(transport):
        one = transport()
        barrier = threading.Barrier(8)

        def use() -> None:
            barrier.wait()
            one.send()

        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert transport.made == ["there"]


def test_wrong_arguments_are_told_at_every_use(transport: Any) -> None:
    """Nothing half-built is left behind."""
    with built_when_used(transport):
        one = transport("missing")

        for _ in range(2):
            with pytest.raises(FileNotFoundError):
                one.send()


def test_an_attribute_that_it_lacks_is_lacking(transport: Any) -> None:
    """Asking whether there is one is an ordinary use."""
    with built_when_used(transport):
        assert not hasattr(transport(), "nothing")


def test_subclasses_are_built_at_once(transport: Any) -> None:
    """Their own constructors may use what they have built."""
    own = type("Own", (transport,), {})

    with built_when_used(transport):
        own()

    assert own.made == ["there"]


def test_the_class_is_left_as_it_was(transport: Any) -> None:
    """Also after two runs within each other."""
    before = transport.__init__

    with built_when_used(transport), built_when_used(transport):
        pass

    assert transport.__init__ is before


def test_a_client_that_is_answered_from_memory_sets_up_no_tls(
    http: Any, patched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither making nor closing it builds its transport."""
    made = []
    monkeypatch.setattr("ssl.SSLContext.__new__", lambda *args, **kwargs: made.append(args))

    with http.Client():
        pass

    assert not made
