"""What tools do, by name and by what was said."""

from __future__ import annotations

import pytest

from pytest_opswald.trace.effects import Effects, guessed

GUESSES = {
    "get_balance": "read",
    "searchFlights": "read",
    "github__list_issues": "read",
    "can_send_mms": "read",
    "send_money": "write",
    "send_test_email": "write",
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


THINGS = {
    "order_lookup_by_id": "read",
    "order_status": "read",
    "transfer_history": "read",
    "email_search": "read",
    "order_cancel": "idempotent_write",
    "refund_order": "write",
    "transfer_funds": "write",
    "book_test_drive": "write",
    "email_list": "write",
}


@pytest.mark.parametrize(("tool", "effect"), THINGS.items(), ids=THINGS)
def test_a_verb_that_names_a_thing_leaves_the_word_to_the_next_one(tool: str, effect: str) -> None:
    """Unless that may be the thing itself: what is doubtful stays a write."""
    assert guessed(tool) == effect


HANDOVERS = {
    "transfer_to_human_agents": "read",
    "transferToRefundAgent": "read",
    "transfer_call_to_operator": "read",
    "escalate_to_support": "read",
    "human_handoff": "read",
    "hand_over_to_billing": "read",
    "transfer_to_savings": "write",
    "transfer_to_team_account": "write",
}


@pytest.mark.parametrize(("tool", "effect"), HANDOVERS.items(), ids=HANDOVERS)
def test_handing_over_to_somebody_changes_nothing(tool: str, effect: str) -> None:
    """Money that is transferred is another matter."""
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
