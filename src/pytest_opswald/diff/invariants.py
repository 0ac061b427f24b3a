"""What must hold in every run, whatever the model and the path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from pytest_opswald.trace.behaviour import Invariant, Selector
from pytest_opswald.trace.effects import Effects
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import Step, ToolCall
from pytest_opswald.trace.volatile import canonical

from .difference import Check


def invariant_checks(
    invariants: Sequence[Invariant], steps: Sequence[Step], effects: Effects
) -> Iterator[Check]:
    """One check per invariant; one that is about no step of the run is unmeasured."""
    for number, rule in enumerate(invariants):
        at = f"invariants[{number}]"
        if rule.no_loop is not None:
            yield _no_loop(f"{at}.no_loop", rule.no_loop, steps)
        if rule.forall and rule.requires_before:
            yield _before(at, rule.forall, rule.requires_before, steps, effects)


def _no_loop(at: str, most: int, steps: Sequence[Step]) -> Check:
    longest, run, last = 0, 0, ""
    for step in steps:
        if not isinstance(step, ToolCall):
            continue
        key = canonical([step.input.tool, step.input.arguments])
        run = run + 1 if key == last else 1
        longest, last = max(longest, run), key
    held = longest <= most
    return Check(
        at, "pass" if held else "fail", most, longest, None if held else Reason.LOOP_DETECTED
    )


def _before(
    at: str, forall: Selector, required: Selector, steps: Sequence[Step], effects: Effects
) -> Check:
    told = f"{_told(required)} before {_told(forall)}"
    places = [place for place, step in enumerate(steps) if _selects(forall, step, effects)]
    if not places:
        return Check(at, "unmeasured", told, message=f"no {_told(forall)} in this run")
    earlier = (place for place, step in enumerate(steps) if _selects(required, step, effects))
    first = next(earlier, len(steps))
    late = [steps[place] for place in places if place <= first]
    if not late:
        return Check(at, "pass", told)
    said = f"step {late[0].step_number} came without"
    return Check(at, "fail", told, None, Reason.INVARIANT_BROKEN, said)


def _selects(selector: Selector, step: Step, effects: Effects) -> bool:
    if selector.type is not None and step.type != selector.type:
        return False
    if selector.tool is None and selector.effect is None:
        return True
    if not isinstance(step, ToolCall):
        return False
    tool = step.input.tool
    return (selector.tool is None or fnmatchcase(tool, selector.tool)) and (
        selector.effect is None or _is(effects.of(tool), selector.effect)
    )


def _is(effect: str, wanted: str) -> bool:
    """An idempotent write is a write, too."""
    return effect == wanted or (wanted == "write" and effect == "idempotent_write")


def _told(selector: Selector) -> str:
    return " ".join(
        str(value) for value in (selector.effect, selector.tool or selector.type) if value
    )
