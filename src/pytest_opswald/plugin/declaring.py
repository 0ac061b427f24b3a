"""Command-line options and ini values, as `pytest --help` tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from . import sync_options, trials_options
from .ini_file import KINDS
from .options import FLAGS

Add = Callable[..., Any]


def add(parser: pytest.Parser) -> None:
    option = parser.getgroup("opswald", "golden traces of LLM agents").addoption
    _modes(option)
    _changes(option)
    _judging(option)
    trials_options.add(option)
    sync_options.add(option)
    _ini(parser.addini)


def _modes(option: Add) -> None:
    option(
        "--opswald-record",
        action="store_const",
        const="missing",
        dest="opswald_record",
        help="Run agents for real and write the goldens that are missing.",
    )
    # Each a flag of its own: with an optional value, the path that follows would be eaten.
    for rewrite, which in (
        ("missing", "that are missing: the same as --opswald-record"),
        ("changed", "that are missing or whose run has changed"),
        ("all", "of all tests that are run"),
        ("variant", "that are missing, and accept a run that differs as another variant"),
    ):
        option(
            f"--opswald-record={rewrite}",
            action="store_const",
            const=rewrite,
            dest="opswald_record",
            help=f"Write the goldens {which}.",
        )
    option(
        "--opswald-replay",
        action="store_true",
        dest="opswald_replay",
        help="Answer LLM and tool calls from the goldens; fail tests that have none.",
    )


def _changes(option: Add) -> None:
    option(
        "--opswald-model",
        action="append",
        dest="opswald_model",
        metavar="NEW|OLD=NEW",
        help="Replay with another model: LLM calls go live, tool results come from the golden. "
        "openai:NEW, openai-responses:NEW and anthropic:NEW ask that provider.",
    )
    for name, metavar, what in (
        ("temperature", "X|none", "temperature, or without one"),
        ("max-tokens", "N", "limit of output tokens"),
        ("top-p", "X", "top_p"),
        ("seed", "N", "seed"),
        ("prompt", "TEXT|@FILE", "system prompt"),
    ):
        option(
            f"--opswald-{name}",
            dest=f"opswald_{name.replace('-', '_')}",
            metavar=metavar,
            help=f"Replay with another {what}.",
        )
    option(
        "--opswald-fork-from-step",
        dest="opswald_fork_from_step",
        metavar="N",
        help="Serve steps before N from the golden and send later LLM calls live.",
    )


def _judging(option: Add) -> None:
    option(
        "--opswald-allow-unused",
        action="store_const",
        const=True,
        dest="opswald_allow_unused",
        help="Recorded steps that a run no longer asks for do not fail it.",
    )
    option(
        "--opswald-profile",
        choices=("exact", "contract", "auto"),
        dest="opswald_profile",
        help="exact: any difference fails. contract: outcome and effects count. auto: contract "
        "where a replay changes something.",
    )
    option(
        "--opswald-on-miss",
        action="append",
        dest="opswald_on_miss",
        metavar="POLICY|TOOL=POLICY",
        help="What a tool call gets that was not recorded: fail, structural (the result of one "
        "that differs in free text), nearest, live (tools that read), stub (tools that write).",
    )
    option(
        "--opswald-isolate",
        action="store_true",
        dest="opswald_isolate",
        help="Run everything where there is no network but a loopback of its own (Linux).",
    )


def _ini(ini: Add) -> None:
    ini("opswald_auto", "Give a golden to every test that makes an LLM call.", "bool", False)
    for name, what in (
        ("goldens", "Folders whose goldens are tests themselves."),
        ("tools", "Functions to treat as tools, module:name."),
        ("effects", "What tools do, TOOL=read, write, idempotent_write or unknown."),
        (
            "allow_hosts",
            "Names, addresses and networks that replays may reach besides this machine.",
        ),
        ("redact", "Personal data to redact: pii.email pii.card pii.iban pii.phone."),
        ("redact_patterns", "Patterns, or literal: texts, to redact."),
        ("redact_disable", "Redaction rules that err here, by id."),
        ("on_miss", "POLICY and TOOL=POLICY, like --opswald-on-miss."),
    ):
        ini(f"opswald_{name}", what, KINDS[name], [])
    for name in (*FLAGS, "profile", "trials"):
        like = f"Like --opswald-{name.replace('_', '-')}."
        ini(f"opswald_{name}", like, default=None)
