"""The pytest plugin: doorbells only. An idle plugin imports nothing but pytest."""

from __future__ import annotations

import pytest

from . import declaring, options, sync_options, trials_options
from .fixtures import opswald, opswald_snapshot

__all__ = ["opswald", "opswald_snapshot"]


def pytest_addoption(parser: pytest.Parser) -> None:
    declaring.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> None:
    options.join_prompt_file(args)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    if config.option.opswald_isolate:
        from .isolated import isolate

        isolate(config)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "opswald(model, temperature, prompt, fork_from_step, expected_outcome, tools, tags, ...): "
        "how this test's golden trace is recorded and replayed.",
    )
    options.check(config)
    if sync_options.is_wanted(config):
        from .syncing import listen as sync

        sync(config)
    if getattr(config.option, "dist", "no") != "no":  # tests run in workers of xdist
        from .doorbell import listen
        from .trials_bell import listen as listen_for_trials

        listen(config)
        listen_for_trials(config)
    if trials_options.is_wanted(config) or options.is_changed(config):
        from .trials import repeat

        repeat(config)
    if trials_options.is_judged(config):
        from .suite import suite_of

        suite_of(config)
    if config.getini("opswald_goldens"):
        from .golden_files import collect

        collect(config)
    if config.getini("opswald_auto"):
        from .hooks import armed

        armed(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    ours = list(filter(options.is_used, session.items))
    if ours:
        from .hooks import armed

        armed(session.config)
    if options.is_marked(ours):
        from .trials import repeat

        repeat(session.config)
