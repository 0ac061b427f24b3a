"""Other tools that replay what an SDK asks, one a file; each is measured in a process of its own.

Each module has `record(folder, conversation)`, which keeps what is needed to answer these calls,
and `lane(folder, conversation)`, which answers them.
"""

from __future__ import annotations

from importlib.util import find_spec

PACKAGES = {
    "vcrpy": "vcr",
    "vcrpy_by_body": "vcr",
    "cassetter": "cassetter",
    "respx": "respx",
    "agent_replay": "agentreplay",
}
"""As each peer is imported."""


def is_installed(peer: str) -> bool:
    return find_spec(PACKAGES[peer]) is not None
