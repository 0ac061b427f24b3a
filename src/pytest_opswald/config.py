"""Settings of one test: command line over marker over environment over ini, frozen."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.stats.rules import Rule, parse_rule
from pytest_opswald.trace.effects import parse_effect
from pytest_opswald.trace.replay_spec import Changes, MissPolicy, ReplaySpec

Mode = Literal["auto", "record", "replay"]
"""auto: replay when there is a golden, else fail with the command that records one."""
Rewrite = Literal["missing", "changed", "all", "variant"]
"""Which goldens a recording writes; `variant` adds runs to goldens that are there."""

VARIABLES = (
    "model",
    "temperature",
    "max_tokens",
    "top_p",
    "seed",
    "prompt",
    "fork_from_step",
    "allow_unused",
    "profile",
    "on_miss",
    "trials",
)
"""What `OPSWALD_...` variables may set."""

MARKER = (*VARIABLES, "effects", "expected_outcome", "tools", "tags")
"""What `@pytest.mark.opswald(...)` takes."""

INI = (*VARIABLES, "effects", "tools", "allow_hosts")
"""What `opswald_...` ini values may set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one test is recorded or replayed."""

    mode: Mode = "auto"
    rewrite: Rewrite = "missing"
    spec: ReplaySpec = field(default_factory=ReplaySpec)
    tools: tuple[str, ...] = ()
    """`module:name` of functions to treat as tools."""
    tags: tuple[str, ...] = ()
    trials: Rule | None = None
    """How many live runs a modified replay is judged by; None is one."""
    expected_outcome: Mapping[str, Any] | None = None
    """Given by the marker; its keys win over those in the golden."""
    redaction: Rules = field(default_factory=Rules)
    """What counts as a secret."""
    allow_hosts: tuple[str, ...] = ()
    """Names, addresses and networks that a replay may reach besides this machine."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place where settings come from."""

    values: Mapping[str, Any]
    """By name without prefix; None stands for not given."""
    label: Callable[[str], str]
    """How the user wrote a name: `--opswald-model`, `OPSWALD_MODEL`, ..."""
    folder: Path = Path()
    """What `@file` is relative to."""


def flags(values: Mapping[str, Any], folder: Path) -> Source:
    return Source(values, lambda name: f"--opswald-{name.replace('_', '-')}", folder)


def marker(values: Mapping[str, Any], folder: Path) -> Source:
    """Raises InvalidSetting for a keyword the marker does not take."""
    for name in values:
        if name not in MARKER:
            guess = difflib.get_close_matches(name, MARKER, 1)
            hint = f"did you mean {guess[0]}?" if guess else f"it takes {', '.join(MARKER)}"
            raise InvalidSetting(f"@pytest.mark.opswald({name}=...): unknown keyword, {hint}")
    return Source(values, lambda name: f"@pytest.mark.opswald({name}=...)", folder)


def environment(variables: Mapping[str, str], folder: Path) -> Source:
    found = {name: variables.get(f"OPSWALD_{name.upper()}") or None for name in VARIABLES}
    return Source(found, lambda name: f"OPSWALD_{name.upper()}", folder)


def ini(values: Mapping[str, Any], folder: Path) -> Source:
    given = {name: value or None for name, value in values.items()}
    return Source(given, lambda name: f"ini opswald_{name}", folder)


def settings(
    sources: Sequence[Source], *, mode: Mode, rewrite: Rewrite, redaction: Rules | None = None
) -> Settings:
    """Resolve the sources, the strongest first. Raises InvalidSetting."""
    spec = ReplaySpec(
        changes=Changes(
            **_models(sources),
            temperature=_first(sources, "temperature", _temperature),
            max_tokens=_first(sources, "max_tokens", _limit),
            top_p=_first(sources, "top_p", _share),
            seed=_first(sources, "seed", _count),
            system_prompt=_prompt(sources),
        ),
        fork_from_step=_first(sources, "fork_from_step", _step),
        allow_unused=_first(sources, "allow_unused", _truth) or False,
        judge=_first(sources, "profile", _profile) or "auto",
        on_miss=_by_tool(sources, "on_miss", _policy),
        effects=_by_tool(sources, "effects", parse_effect),
    )
    return Settings(
        mode=mode,
        rewrite=rewrite,
        spec=spec,
        tools=tuple(dict.fromkeys(tool for source in sources for tool in _tools(source))),
        tags=tuple(_first(sources, "tags", _names) or ()),
        trials=_first(sources, "trials", parse_rule),
        expected_outcome=_first(sources, "expected_outcome", dict),
        redaction=redaction or Rules(),
        allow_hosts=tuple(_first(sources, "allow_hosts", _names) or ()),
    )


def _first(sources: Iterable[Source], name: str, parse: Callable[[Any], Any]) -> Any:
    for source in sources:
        value = source.values.get(name)
        if value is not None:
            try:
                return parse(value)
            except (TypeError, ValueError) as problem:
                raise InvalidSetting(f"{source.label(name)}: {problem}") from None
    return None


def _models(sources: Iterable[Source]) -> dict[str, Any]:
    said: list[str] = _first(sources, "model", _model_list) or []
    pairs = [name.split("=", 1) for name in said if "=" in name]
    plain = [name for name in said if "=" not in name]
    if len(plain) > 1:
        raise InvalidSetting(
            f"--opswald-model: {' and '.join(plain)} cannot both be the new model; "
            "say which it replaces: --opswald-model OLD=NEW"
        )
    return {"model": plain[0] if plain else None, "model_map": dict(pairs)}


def _model_list(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{old}={new}" for old, new in value.items()]
    names = [name for given in _names(value) for name in given.replace(",", " ").split()]
    for name in names:
        if not all(name.split("=")) or name.count("=") > 1:
            raise ValueError(f"{name!r} is neither NEW nor OLD=NEW")
        if name.endswith(":"):
            raise ValueError(f"{name!r} names a provider and no model")
    return names


def _by_tool(sources: Sequence[Source], name: str, parse: Callable[[str], str]) -> dict[str, Any]:
    """`TOOL=WORD` of all sources, the strongest last to be heard; a bare word is for `*`."""
    found: dict[str, Any] = {}
    for source in reversed(sources):
        given = _first((source,), name, lambda value: _words_by_tool(value, parse))
        found |= given or {}
    return found


def _words_by_tool(value: Any, parse: Callable[[str], str]) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(tool): parse(str(word)) for tool, word in value.items()}
    said = value.replace(",", " ").split() if isinstance(value, str) else _names(value)
    pairs = (text.rpartition("=") for text in said)
    return {tool.strip() or "*": parse(word.strip()) for tool, _, word in pairs}


def _policy(word: str) -> str:
    return _one_of(word, get_args(MissPolicy), "policy")


def _profile(word: Any) -> str:
    return _one_of(str(word), ("exact", "contract", "auto"), "profile")


def _one_of(word: str, known: Sequence[str], what: str) -> str:
    if word not in known:
        raise ValueError(f"{word!r} is no {what}; one of {', '.join(known)}")
    return word


def _prompt(sources: Iterable[Source]) -> str | None:
    for source in sources:
        value = source.values.get("prompt")
        if value is None:
            continue
        if not str(value).startswith("@"):
            return str(value)
        path = source.folder / str(value)[1:]
        try:
            return path.read_text(encoding="utf-8")
        except OSError as problem:
            raise InvalidSetting(
                f"{source.label('prompt')}: cannot read {path}: {problem.strerror}"
            ) from None
    return None


def _tools(source: Source) -> list[str]:
    value = source.values.get("tools")
    return [] if value is None else _names(value)


def _names(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value]


def _temperature(value: Any) -> float | str:
    return "none" if str(value).lower() == "none" else _number(value)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a number") from None
    if not 0 <= number < math.inf:
        raise ValueError(f"{value!r} is not a number from 0")
    return number


def _share(value: Any) -> float:
    if (number := _number(value)) > 1:
        raise ValueError(f"{value!r} is not a share from 0 to 1")
    return number


def _limit(value: Any) -> int:
    if (number := _count(value)) < 1:
        raise ValueError(f"{value!r} is no limit: the least is 1")
    return number


def _count(value: Any) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a whole number") from None


def _step(value: Any) -> int:
    if (number := _count(value)) < 1:
        raise ValueError(f"steps are counted from 1, {number} is none")
    return number


def _truth(value: Any) -> bool:
    text = str(value).lower()
    if text not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ValueError(f"{value!r} is neither true nor false")
    return text in {"1", "true", "yes", "on"}
