"""What tools do, by name and by what was said."""

from __future__ import annotations

import pytest

from pytest_opswald.trace.effects import Effects, guessed

GUESSES = {
    "get_balance": "read",
    "searchFlights": "read",
    "github__list_issues": "read",
    "order_lookup_by_id": "write",
    "send_money": "write",
    "book_reservation": "write",
    "update_user_info": "idempotent_write",
    "delete-file": "idempotent_write",
    "weather": "unknown",
    "bash": "unknown",
}


@pytest.mark.parametrize(("tool", "effect"), GUESSES.items(), ids=GUESSES)
def test_the_first_verb_of_a_name_is_the_guess(tool: str, effect: str) -> None:
    """However its words are joined; a name without a verb says nothing."""
    assert guessed(tool) == effect


def test_the_strongest_source_wins_and_guesses_say_nothing() -> None:
    """Settings over declarations over what stands in the golden."""
    known = Effects(
        {"a": "write"},
        {"a": "read", "b": "read"},
        golden={"b": "write", "c": "idempotent_write", "get_d": "write (guessed)"},
    )

    assert [known.of(tool) for tool in ("a", "b", "c", "get_d")] == [
        "write",
        "read",
        "idempotent_write",
        "read",
    ]


def test_a_golden_says_which_effects_are_guessed() -> None:
    """What was said stands as it is."""
    held = Effects({"weather": "read"}).held(["weather", "send_mail", "bash"])

    assert held == {
        "bash": "unknown (guessed)",
        "send_mail": "write (guessed)",
        "weather": "read",
    }


def test_a_server_is_believed_before_settings_and_declarations() -> None:
    """Whoever does the thing knows best what it does."""
    known = Effects({"send": "write"}, {"send": "read (mcp)"}, golden={"send": "write (mcp)"})

    assert known.of("send") == "read"
    assert known.held(["send"]) == {"send": "read (mcp)"}


def test_what_somebody_wrote_into_the_golden_overrules_a_server() -> None:
    """That is what an entry is there to be looked at for."""
    known = Effects({}, {"send": "read (mcp)"}, golden={"send": "write"})

    assert known.of("send") == "write"
