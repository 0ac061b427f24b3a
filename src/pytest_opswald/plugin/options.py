"""What options and ini values come to: which make sense, and the settings of a test."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from . import sync_options, trials_options
from .ini_file import ini_of
from .ini_rules import rules_in

if TYPE_CHECKING:
    from pytest_opswald.config import Settings

CHANGES = ("model", "temperature", "max_tokens", "top_p", "seed", "prompt", "fork_from_step")
FLAGS = (*CHANGES, "allow_unused")
JUDGING = ("profile", "on_miss")


def join_prompt_file(args: list[str]) -> None:
    """Make `--opswald-prompt @FILE` one argument: pytest reads arguments from a lone @FILE."""
    for place, option in enumerate(args[:-1]):
        if option == "--opswald-prompt" and args[place + 1].startswith("@"):
            args[place : place + 2] = [f"{option}={args[place + 1]}"]
            return


def check(config: pytest.Config) -> None:
    """Refuse options that make no sense, or contradict each other. Raises pytest.UsageError."""
    option = config.option
    _refuse_nonsense(config)
    changes = [f"--opswald-{n.replace('_', '-')}" for n in CHANGES if _flag(config, n)]
    if option.opswald_record and option.opswald_replay:
        raise pytest.UsageError("choose one of --opswald-record and --opswald-replay")
    if option.opswald_record and changes:
        raise pytest.UsageError(
            f"{changes[0]} changes a replay, it does not go with --opswald-record; "
            "to record with another model, change the agent"
        )
    if option.opswald_verify and changes:
        raise pytest.UsageError(
            f"--opswald-verify replays goldens as they are, {changes[0]} changes that; choose one"
        )
    if option.opswald_isolate and (option.opswald_record or changes):
        live = changes[0] if changes else "--opswald-record"
        raise pytest.UsageError(
            f"--opswald-isolate lets nothing out, and {live} asks an LLM; leave one of them out"
        )
    trials_options.check(config)
    sync_options.check(config)
    if option.opswald_record and _is_ci() and not _asked_on_the_command_line(config):
        raise pytest.UsageError(
            "under CI goldens are recorded only when the command line asks for it, and here "
            "--opswald-record comes from addopts; remove it there, or add it to the command"
        )


def _refuse_nonsense(config: pytest.Config) -> None:
    """What every test would be told otherwise; nothing is imported where nothing is given."""
    given = {name: _flag(config, name) for name in (*FLAGS, *JUDGING)}
    variables = any(os.environ.get(f"OPSWALD_{name.upper()}") for name in given)
    if not (variables or any(given.values())):
        return
    from pytest_opswald import config as sources
    from pytest_opswald.errors import InvalidSetting

    cwd = config.invocation_params.dir
    places = (sources.flags(given, cwd), sources.environment(os.environ, cwd))
    try:
        sources.settings(places, mode="replay", rewrite="missing")
    except InvalidSetting as problem:
        raise pytest.UsageError(str(problem)) from None


def is_changed(config: pytest.Config) -> bool:
    """Whether all replays of the session change something; their goldens may ask for trials."""
    return not config.option.opswald_record and any(
        _flag(config, name)
        or os.environ.get(f"OPSWALD_{name.upper()}")
        or config.getini(f"opswald_{name}")
        for name in CHANGES
    )


def is_marked(items: Iterable[pytest.Item]) -> bool:
    """Whether a marker changes a replay, or asks for trials."""
    marks = (mark for item in items for mark in item.iter_markers("opswald"))
    return any(name in mark.kwargs for mark in marks for name in ("trials", *CHANGES))


def takes_part(item: pytest.Item) -> bool:
    """Whether a test has a golden, or is to have one if it makes an LLM call."""
    if getattr(item, "replays_itself", False):
        return False
    return is_used(item) or bool(item.config.getini("opswald_auto"))


def is_used(item: pytest.Item) -> bool:
    """Whether it asks for it, by the fixture or the marker."""
    return not is_optional(item) or item.get_closest_marker("opswald") is not None


def is_optional(item: pytest.Item) -> bool:
    """Whether it may do without LLM calls: only the fixture says that there are some."""
    return "opswald" not in getattr(item, "fixturenames", ())


def settings_for(item: pytest.Item) -> Settings:
    """How this test is recorded or replayed. Raises InvalidSetting."""
    from pytest_opswald import config as sources
    from pytest_opswald.errors import InvalidSetting

    config = item.config
    cwd, ini = config.invocation_params.dir, ini_of(config)
    settings = sources.settings(
        (
            sources.flags(
                {name: _flag(config, name) for name in (*FLAGS, *JUDGING, "trials")}, cwd
            ),
            *(sources.marker(given, item.path.parent) for given in _marked(item)),
            sources.environment(os.environ, cwd),
            ini.source,
        ),
        mode="record"
        if config.option.opswald_record
        else "replay"
        if config.option.opswald_replay
        else "auto",
        rewrite=config.option.opswald_record or "missing",
        redaction=rules_in(ini),
    )
    if (option := _unmodified_only(config)) and settings.spec.modified:
        from pytest_opswald.report.merge import asked_of

        raise InvalidSetting(
            f"{item.nodeid} is replayed with {asked_of(settings.spec)}, which asks an LLM, and "
            f"{option}; leave this test, that change or that option out"
        )
    return settings


def _unmodified_only(config: pytest.Config) -> str:
    """The option that no changed replay goes with, and why; a marker or variable may change one."""
    if config.option.opswald_isolate:
        return "--opswald-isolate lets nothing out"
    return "--opswald-verify replays goldens as they are" if config.option.opswald_verify else ""


def _marked(item: pytest.Item) -> Iterator[Mapping[str, object]]:
    """What the markers of a test say, the closest first."""
    from pytest_opswald.errors import InvalidSetting

    for mark in item.iter_markers("opswald"):
        if mark.args:
            raise InvalidSetting(
                f"@pytest.mark.opswald({mark.args[0]!r}): everything is given by name, "
                'such as model="gpt-5-mini"'
            )
        yield mark.kwargs


def _flag(config: pytest.Config, name: str) -> object:
    return getattr(config.option, f"opswald_{name}")


def _is_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def _asked_on_the_command_line(config: pytest.Config) -> bool:
    if hasattr(config, "workerinput"):
        return True  # the controller has checked
    return any(str(arg).startswith("--opswald-record") for arg in config.invocation_params.args)
