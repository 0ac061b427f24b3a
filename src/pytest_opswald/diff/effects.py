"""What a run did to the world: its state-changing calls, without order, against the golden's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pytest_opswald.trace.behaviour import ToolsRule
from pytest_opswald.trace.effects import QUESTIONS, Effects
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import Step, ToolCall, ToolResult
from pytest_opswald.trace.structural import same_plain
from pytest_opswald.trace.trace import Trace
from pytest_opswald.trace.volatile import canonical

from .arguments import Pair
from .difference import Check
from .failure import has_failed
from .grounding import Ground, Source, prompts, results
from .keys import leaves, similarity
from .matching import assignment
from .units import calls_by_result

_SAME = 1000.0
"""Weight of a pair that agrees: as many as can be come first."""
_MOST_ASSIGNED = 60
"""More calls than that of one tool are paired as they come: assignment is cubic."""


@dataclass(frozen=True, eq=False)
class Act:
    """One state-changing call."""

    tool: str
    arguments: Mapping[str, Any]
    ground: Ground
    updates: bool
    """Whether it changes what was there, as idempotent writes do."""

    @property
    def told(self) -> str:
        """`refund(order_id=42)`."""
        said = ", ".join(f"{name}={canonical(v)}" for name, v in self.arguments.items())
        return f"{self.tool}({said})"

    def differing(self, other: Act) -> list[str]:
        """Paths of arguments in which the other call does not agree with this one."""
        pair = Pair(self.ground, other.ground, self.updates)
        return list(pair.differing(self.arguments, other.arguments))


def acts(trace: Trace, effects: Effects, rule: ToolsRule | None = None) -> list[Act]:
    """The calls of a run that changed something; an unknown effect counts as one.

    A call that failed changed nothing, and of a composite tool only the leaves did. Arguments that
    `rule` ignores are left out.
    """
    said, told, ended = prompts(trace.steps), results(trace.steps), _results(trace.steps)
    composite = _composite_spans(trace.steps)
    found = [
        Act(
            step.input.tool,
            _judged(step, rule),
            Ground(said, Source(told[:place])),
            updates=effects.of(step.input.tool) == "idempotent_write",
        )
        for place, step in enumerate(trace.steps)
        if isinstance(step, ToolCall)
        and step.span_id not in composite
        and effects.of(step.input.tool) != "read"
        and not (place in ended and has_failed(ended[place]))
    ]
    return _once(found, effects)


def _composite_spans(steps: Iterable[Step]) -> set[str]:
    """Tool calls in which others did the work; a server that asked the agent did its own."""
    return {
        step.parent_span_id
        for step in steps
        if step.parent_span_id
        and not (isinstance(step, ToolCall | ToolResult) and step.input.tool in QUESTIONS)
    }


def effect_checks(golden: Sequence[Act], actual: Sequence[Act]) -> Iterator[Check]:
    """One check per effect that differs; a single one when none does."""
    differing = list(_differing(golden, actual))
    yield from differing
    if not differing and (golden or actual):
        yield Check("effects", "pass", [act.told for act in golden], [act.told for act in actual])


def _differing(golden: Sequence[Act], actual: Sequence[Act]) -> Iterator[Check]:
    ones, others = _by_tool(golden), _by_tool(actual)
    for tool in dict.fromkeys((*ones, *others)):
        pairs = _paired(ones[tool], others[tool])
        for act, other in pairs:
            if names := act.differing(other):
                said = f"{tool} was called with another {', '.join(names)}"
                yield _failed_check(Reason.EFFECT_CHANGED, said, act, other)
        for act in _left(ones[tool], (one for one, _ in pairs)):
            yield _failed_check(Reason.EFFECT_MISSING, f"{tool} was not called", act, None)
        for act in _left(others[tool], (other for _, other in pairs)):
            yield _failed_check(Reason.EFFECT_EXTRA, f"{tool} is not in the golden", None, act)


def _failed_check(code: Reason, said: str, one: Act | None, other: Act | None) -> Check:
    return Check("effects", "fail", one and one.told, other and other.told, code, said)


def _paired(ones: Sequence[Act], others: Sequence[Act]) -> list[tuple[Act, Act]]:
    """As many pairs that agree as there can be, then those most alike."""
    if max(len(ones), len(others)) > _MOST_ASSIGNED:
        return list(zip(ones, others, strict=False))
    weights = [[_weight(one, other) for other in others] for one in ones]
    return [(ones[row], others[column]) for row, column in assignment(weights)]


def _weight(one: Act, other: Act) -> float:
    mine, theirs = leaves(one.arguments), leaves(other.arguments)
    return (0.0 if one.differing(other) else _SAME) + similarity(mine, theirs)


def _by_tool(found: Iterable[Act]) -> dict[str, list[Act]]:
    named: dict[str, list[Act]] = defaultdict(list)
    for act in found:
        named[act.tool].append(act)
    return named


def _left(all_of: Sequence[Act], paired: Iterable[Act]) -> list[Act]:
    taken = set(paired)
    return [act for act in all_of if act not in taken]


def _once(found: Iterable[Act], effects: Effects) -> list[Act]:
    """Idempotent writes count once where they repeat each other or one goes on with another."""
    kept: list[Act] = []
    for act in found:
        same = effects.of(act.tool) == "idempotent_write"
        places = (place for place, one in enumerate(kept) if same and _goes_on(one, act))
        if (place := next(places, None)) is None:
            kept.append(act)
        else:
            kept[place] = replace(act, arguments={**kept[place].arguments, **act.arguments})
    return kept


def _goes_on(one: Act, other: Act) -> bool:
    """Whether two calls of a tool could have been one: `(id=7, to="a")`, `(id=7, amount=3)`."""
    shared = [name for name in one.arguments if name in other.arguments]
    if one.tool != other.tool or not (shared or one.arguments == other.arguments):
        return False
    return all(same_plain(one.arguments[name], other.arguments[name]) for name in shared)


def _judged(call: ToolCall, rule: ToolsRule | None) -> Mapping[str, Any]:
    ignored = rule.ignored(call.input.tool) if rule else ()
    return {k: v for k, v in call.input.arguments.items() if k not in ignored}


def _results(steps: Sequence[Step]) -> dict[int, ToolResult]:
    """By the places of their calls."""
    return {
        call: result
        for place, call in calls_by_result(steps).items()
        if isinstance(result := steps[place], ToolResult)
    }
