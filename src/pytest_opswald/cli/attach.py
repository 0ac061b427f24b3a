"""`pytest-opswald attach module:agent`: replays of a server, made with the agent's own code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pytest_opswald.client.clients import OpsClient
from pytest_opswald.plugin.ini_rules import rules_for
from pytest_opswald.sync.attaching import agent_at, attach_once

from .output import write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "agent",
        metavar="MODULE:FUNCTION",
        help="agent that takes what the user said and gives back the answer",
    )
    parser.add_argument("--url", metavar="URL", help="the server; OPSWALD_BASE_URL")
    parser.add_argument("--key", metavar="KEY", help="its key; better as OPSWALD_API_KEY")
    parser.add_argument("--once", action="store_true", help="end after one replay")


def run(options: argparse.Namespace) -> int:
    sys.path.insert(0, str(Path.cwd()))
    agent = agent_at(options.agent)
    rules = rules_for(Path.cwd())
    with OpsClient(options.key, options.url) as client:
        write([f"{client.base_url}: waiting for replays with executor runner"])
        while True:
            try:
                made = attach_once(client, agent, rules=rules)
            except KeyboardInterrupt:
                return 0
            if made:
                write([f"{made.replay_id}: {made.status}  {made.url}"])
            if made and options.once:
                return 0 if made.status == "completed" else 1
