"""What an LLM said of a message, before anybody is shown it."""

from __future__ import annotations

from pytest_opswald.trace.grades import Grade, Grades

GATEWAY = f"HTTP 400: <html>\nblue  horse is no key{'-' * 1000}"


def _clean(text: str) -> str:
    return text.replace("blue  horse", "‹secret›")


def test_what_is_shown_is_one_line_without_secrets() -> None:
    """However much a judge says, or a gateway in front of it; secrets are looked for first."""
    said = Grades((Grade(0.5, "Good,\nblue  horse. " + "Really! " * 1000),), problem=GATEWAY)

    shown = said.redacted(_clean)

    assert shown.reason.startswith("Good, ‹secret›. Really! ")
    assert shown.reason.endswith("…")
    assert len(shown.reason) <= 500
    assert shown.problem == "HTTP 400: <html> ‹secret› is no…"
    assert (shown.score, shown.spent) == (said.score, said.spent)


def test_no_problem_stays_none() -> None:
    """Nothing becomes something by being shortened."""
    assert Grades().redacted(_clean) == Grades()
