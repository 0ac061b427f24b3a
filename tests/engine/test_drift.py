"""Where two runs of the same code differ."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.engine.drift import Said, between

UUIDS = ("7f0c2a4e-90d4-4c1e-8d5b-0d8c3c1f2a10", "11111111-2222-4333-8444-555555555555")


def one(value: Any, *, step: int = 2, title: str = "llm_call gpt-5.2") -> list[Said]:
    return [Said(step, title, value)]


def prompt(text: Any) -> list[Said]:
    return one({"model": "gpt-5.2", "messages": [{"role": "system", "content": text}]})


@pytest.mark.parametrize(
    ("before", "after", "kind", "span", "tolerated"),
    [
        ("Tags: b, a", "Tags: a, b", "order", ("Tags: b, a", "Tags: a, b"), False),
        ('{"x": [1, 2]}', '{"x": [2, 1]}', "order", ('{"x": [1, 2]}', '{"x": [2, 1]}'), False),
        (f"id {UUIDS[0]}", f"id {UUIDS[1]}", "uuid", tuple(f"id {u}" for u in UUIDS), True),
        (
            "at 2026-11-21 10:00:00 sharp",
            "at 2026-11-21 10:00:07 sharp",
            "time",
            ("at 2026-11-21 10:00:00", "at 2026-11-21 10:00:07"),
            True,
        ),
        ("in /tmp/a1 now", "in /tmp/b2 now", "path", ("in /tmp/a1", "in /tmp/b2"), True),
        ("Talk like a poet", "Talk like a judge", "value", None, False),
    ],
    ids=["words", "json text", "uuid", "time", "path", "word"],
)
def test_a_span_is_named_with_what_it_is(
    before: str, after: str, kind: str, span: tuple[str, str] | None, tolerated: bool
) -> None:
    """The words that differ and a little before, and whether replays match all the same."""
    (drift,) = between(prompt(before), prompt(after))

    assert (drift.step, drift.path) == (2, "messages[0].content")
    assert (drift.kind, drift.tolerated) == (kind, tolerated)
    assert (drift.before, drift.after) == (span or (before, after))


def test_a_shuffled_list_is_one_difference() -> None:
    """Not one for each item."""
    (drift,) = between(one({"tags": ["a", "b", "c"]}), one({"tags": ["c", "a", "b"]}))

    assert (drift.path, drift.kind) == ("tags", "order")


def test_each_place_of_a_text_is_told() -> None:
    """A time here and a name there are two."""
    before = "Hello Ann, how are you. The secret word is apple today"
    after = "Hello Bob, how are you. The secret word is pear today"

    drifts = between(prompt(before), prompt(after))

    assert [drift.after[-4:].strip() for drift in drifts] == ["Bob,", "pear"]


def test_steps_that_raced_may_change_places() -> None:
    """The same said in another order is no difference."""
    first, second = one({"q": 1}, step=2), one({"q": 2}, step=3)

    assert between([*first, *second], [*second, *first]) == []


def test_a_step_that_only_one_run_has_is_named() -> None:
    """On whichever side it is."""
    extra = one({"id": 1}, step=4, title="tool_call refund")

    (gone,) = between([*prompt("a"), *extra], prompt("a"))
    (come,) = between(prompt("a"), [*prompt("a"), *extra])

    assert (gone.title, gone.before, gone.after) == ("tool_call refund", "there", "not there")
    assert (come.title, come.before, come.after) == ("tool_call refund", "not there", "there")


def test_equal_runs_do_not_differ() -> None:
    """Key order is no difference either."""
    assert between(one({"a": 1, "b": 2}), one({"b": 2, "a": 1})) == []
