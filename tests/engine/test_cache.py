"""Recorded tool results, found again."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.engine.cache import ToolCache
from pytest_opswald.trace.steps import ToolInput
from tests.diff.traces import trace, use


def asked(tool: str, **arguments: Any) -> ToolInput:
    return ToolInput(tool=tool, arguments=arguments)


def value(found: Any) -> Any:
    return found and found.outcome.value


def test_occurrences_are_counted_over_all_runs() -> None:
    """Asked for the second time, the second occurrence answers, in whichever run there is one."""
    golden = trace(use("look", "golden 1", id=7))
    variant = trace(use("look", "variant 1", id=7), use("look", "variant 2", id=7))
    cache = ToolCache(golden.steps, variant.steps)

    found = [value(cache.equal(asked("look", id=7))) for _ in range(3)]

    assert found == ["golden 1", "variant 2", None]


def test_the_run_that_is_followed_answers_first() -> None:
    """Its results belong to its requests."""
    cache = ToolCache(trace(use("look", "golden")).steps, trace(use("look", "variant")).steps)

    assert value(cache.equal(asked("look"), run=1)) == "variant"


def test_structural_misses_go_by_what_the_text_says() -> None:
    """Reworded and reordered, each gets its own; a likelier one may be given twice."""
    recorded = trace(
        use("search", "paris", query="weather in Paris"),
        use("search", "rome", query="weather in Rome"),
    )
    cache = ToolCache(recorded.steps)

    found = [
        value(cache.structural(asked("search", query=query)))
        for query in ("the Rome weather", "Rome weather now", "weather of Paris")
    ]

    assert found == ["rome", "rome", "paris"]


def test_structural_misses_are_never_guessed() -> None:
    """Nothing in common, two that answer equally well, another id: no result."""
    recorded = trace(
        use("search", "paris", query="weather in Paris", limit=3),
        use("search", "rome", query="weather in Rome", limit=3),
    )
    cache = ToolCache(recorded.steps)

    assert cache.structural(asked("search", query="snow at Oslo", limit=3)) is None
    assert cache.structural(asked("search", query="weather in Oslo", limit=3)) is None
    assert cache.structural(asked("search", query="weather in Rome", limit=4)) is None


CALLS = st.lists(
    st.tuples(st.sampled_from(["get_a", "get_b"]), st.integers(0, 2)), min_size=1, max_size=8
)


@given(CALLS, st.randoms(use_true_random=False))
def test_no_order_pairs_calls_wrongly(calls: list[tuple[str, int]], random: Any) -> None:
    """Equal calls get their own results, first come first served; every result is given once."""
    steps = [
        use(tool, f"{tool} {key} #{place}", key=key) for place, (tool, key) in enumerate(calls)
    ]
    cache = ToolCache(trace(*steps).steps)
    order = random.sample(calls, len(calls))

    found = [value(cache.equal(asked(tool, key=key))) for tool, key in order]

    for (tool, key), result in zip(order, found, strict=True):
        assert result.startswith(f"{tool} {key} #")
    assert len(set(found)) == len(calls)
