"""Who of a group that was in flight together comes next."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from pytest_opswald.engine.turns import (
    GRACE_SECONDS,
    LONGEST_LOOK_SECONDS,
    MOST_TRIES,
    Turns,
    Watch,
)
from pytest_opswald.trace.steps import LlmCall, LlmInput


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def members(*arrivals: int, group: int = 1) -> list[LlmCall]:
    """Calls of one group, by the places of their answers."""
    return [LlmCall(input=LlmInput(), group=group, arrival=arrival) for arrival in arrivals]


class Answers:
    """Answers of a group, held for delivery."""

    def __init__(self, *arrivals: int, asked: Sequence[int] | None = None) -> None:
        self.clock = Clock()
        steps = members(*arrivals)
        self.turns = Turns(steps, now=self.clock)
        for step in steps:
            if step.arrival in (arrivals if asked is None else asked):
                self.turns.hold(step.arrival, step)

    def may(self, arrival: int) -> bool:
        return self.turns.may_deliver(arrival)

    def tries(self, arrival: int) -> int:
        """How often one has to ask until it may."""
        return next(count for count in itertools.count(1) if self.may(arrival))


@pytest.mark.parametrize("asked", list(itertools.permutations([1, 2, 3])), ids=str)
def test_answers_go_out_as_they_arrived_in_whatever_order_they_are_asked(asked):
    """The order in which a replay asks does not matter."""
    answers, delivered = Answers(*asked), []

    while len(delivered) < 3:
        delivered += [
            arrival for arrival in asked if arrival not in delivered and answers.may(arrival)
        ]

    assert delivered == [1, 2, 3]


def test_what_was_alone_never_waits():
    """Only calls that were in flight with others have turns."""
    alone = LlmCall(input=LlmInput())
    turns = Turns([alone, *members(1, 2)])
    turns.hold("answer", alone)

    assert turns.may_deliver("answer")
    assert turns.may_deliver("unheard of")


def test_groups_do_not_wait_for_each_other():
    """Another group's calls were not in flight."""
    first, second = members(1, 2), members(1, 2, group=2)
    turns = Turns([*first, *second])
    turns.hold("answer", second[0])

    assert turns.may_deliver("answer")


def test_nobody_waits_longer_than_the_grace_for_a_call_that_does_not_come():
    """A run that lost one of its calls is slow, not stuck."""
    answers = Answers(1, 2, asked=[2])

    before = answers.may(2)
    answers.clock.now += GRACE_SECONDS

    assert not before
    assert answers.may(2)


def test_nobody_waits_twice_for_the_same_missing_call():
    """One grace, whatever the number of calls behind it."""
    answers = Answers(1, 2, 3, 4, asked=[2, 3, 4])
    answers.clock.now += GRACE_SECONDS

    assert [answers.may(arrival) for arrival in (2, 3, 4)] == [True, True, True]


def test_a_group_that_moves_is_waited_for():
    """Each call that is asked for or delivered starts the grace anew."""
    steps, clock = members(1, 2, 3), Clock()
    turns = Turns(steps, now=clock)
    turns.hold("last", steps[2])
    for step in steps[:2]:
        clock.now += GRACE_SECONDS * 0.9
        assert not turns.may_deliver("last")
        turns.hold(step.arrival, step)
        assert turns.may_deliver(step.arrival)

    assert turns.may_deliver("last")


def test_a_call_that_was_given_up_while_it_waited_is_forgotten():
    """Its task was cancelled: it asks no more, so the others go on."""
    answers = Answers(1, 2)
    answers.clock.now += GRACE_SECONDS

    assert answers.may(2)


def test_a_call_that_still_asks_is_waited_for():
    """The one before it may be slow; it is alive."""
    answers = Answers(1, 2, 3, asked=[2, 3])
    answers.clock.now += GRACE_SECONDS * 0.9
    assert not answers.may(2)
    answers.clock.now += GRACE_SECONDS * 0.5

    assert [answers.may(3), answers.may(2), answers.may(3)] == [False, True, True]


def test_a_clock_that_stands_still_stops_nobody():
    """Frozen time is common in tests: questions are counted, too."""
    assert Answers(1, 2, asked=[2]).tries(2) == MOST_TRIES


def test_a_process_that_does_not_run_does_not_grow_impatient():
    """However long it was held up, a look at the watch counts no more than any other."""
    clock = Clock()
    watch = Watch(clock)

    clock.now += 60

    assert watch() == LONGEST_LOOK_SECONDS
