"""What a tool does to the world, as far as its name, its author or its server tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

Effect = Literal["read", "write", "idempotent_write", "unknown"]
"""read: changes nothing. write: each call counts. idempotent_write: twice is as good as once."""

EFFECTS: tuple[Effect, ...] = get_args(Effect)
QUESTIONS = frozenset({"sampling/createMessage", "elicitation/create"})
"""What MCP servers ask of the agent in a call of their tools: tools of its own, which read."""
_GUESSED, _HINTED = " (guessed)", " (mcp)"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_VERBS: Mapping[Effect, str] = {
    "read": (
        "analyse analyze ask browse calculate calculator can cat check classify compare compute"
        " convert count describe detect diagnose diff display estimate evaluate exists explain"
        " extract fetch find finder get grep has head inspect is list load look lookup ls measure"
        " parse peek ping preview pwd query read reader recommend retrieve retrieval retriever scan"
        " search select should show simulate stat suggest summarise summarize tail test think"
        " translate validate verify view"
    ),
    "idempotent_write": (
        "activate approve archive assign block cancel change clear close complete confirm connect"
        " deactivate decline delete disable disconnect edit enable follow lock mark mkdir modify"
        " mute overwrite patch pause pin put reboot reject remove rename replace reset resolve"
        " restart restore resume rm save set star suspend sync turn unassign unfollow unlock unpin"
        " update upsert"
    ),
    "write": (
        "add append apply book buy charge comment commit copy create debit deploy deposit dispatch"
        " email exchange forward grant insert invite issue launch log make merge message move"
        " notify order pay place post publish purchase push refund register reply request"
        " reschedule reserve return revoke schedule sell send sender share start stop submit tag"
        " toggle touch transfer trigger upload withdraw write writer"
    ),
}
_EFFECT_OF: Mapping[str, Effect] = {
    verb: effect for effect, verbs in _VERBS.items() for verb in verbs.split()
}
_THINGS = frozenset(
    {"book", "charge", "deposit", "email", "exchange", "issue", "log", "message"}
    | {"order", "refund", "request", "return", "schedule", "transfer"}
)
"""Verbs that name a thing where it is said what is done with it: `order_lookup`, `order_cancel`."""
_ASKED_OF_THINGS = frozenset({"availability", "balance", "history", "status"})
_AMBIGUOUS = frozenset(
    {"check", "count", "estimate", "list", "look", "scan", "show", "test", "view"}
)
"""Reads that may be what is ordered, booked or sent: `book_test_drive`, `email_list`."""
_HANDOVER = re.compile(
    r"(connect|delegate|escalate|redirect|route|transfer)"
    r"(_(call|caller|chat|conversation|customer|user))?_to_(\w+_)?"
    r"(agent|assistant|department|expert|human|manager|operator|person|rep|representative"
    r"|specialist|staff|supervisor|support|team)s?$"
    r"|(^|_)hand_?(off|over)(_|$)"
)


def guessed(tool: str) -> Effect:
    """The effect that the verb in a name stands for: `getBalance`, `github__list_issues`.

    Who answers is no effect: `transfer_to_human_agents`, `escalate_to_support`.
    """
    words = [found.lower() for found in _WORD.findall(tool)]
    if _HANDOVER.search("_".join(words)):
        return "read"
    verbs = [word for word in words if word in _EFFECT_OF]
    if not verbs:
        return "unknown"
    first, *later = verbs
    if first in _THINGS:
        if words[-1] in _ASKED_OF_THINGS:
            return "read"
        first = next((verb for verb in later if verb not in _THINGS | _AMBIGUOUS), first)
    return _EFFECT_OF[first]


def as_guess(effect: Effect) -> str:
    """As a golden holds it until someone has looked: `read (guessed)`."""
    return f"{effect}{_GUESSED}"


def as_hint(effect: Effect) -> str:
    """As a golden holds it that has it from an MCP server: `read (mcp)`."""
    return f"{effect}{_HINTED}"


def is_guess(held: str) -> bool:
    return held.endswith(_GUESSED)


def is_hint(held: str) -> bool:
    return held.endswith(_HINTED)


def is_settled(held: str) -> bool:
    """Whether somebody has said it who knows the tool: in code, settings or the golden itself."""
    return not (is_guess(held) or is_hint(held))


def effect_held(held: str) -> Effect:
    """What a golden's entry means. Raises ValueError for a word that is none."""
    return parse_effect(held.removesuffix(_GUESSED).removesuffix(_HINTED))


def parse_effect(word: str) -> Effect:
    """Raises ValueError for a word that is none."""
    for effect in EFFECTS:
        if effect == word:
            return effect
    raise ValueError(f"{word!r} is no effect; one of {', '.join(EFFECTS)}")


def said(*sources: Mapping[str, str]) -> dict[str, str]:
    """What was said of each tool: by its MCP server, else by the first source that knows."""
    known: dict[str, str] = {}
    for source in reversed(sources):
        known |= {tool: held for tool, held in source.items() if not is_guess(held)}
    hints = (item for source in sources for item in source.items() if is_hint(item[1]))
    return {**known, **dict(hints)}


class Effects:
    """The effect of every tool: what was said of it, strongest source first, else a guess.

    A server's hint gives way to nothing but what somebody has put in its place in the golden.
    """

    def __init__(
        self, *sources: Mapping[str, str], golden: Mapping[str, str] | None = None
    ) -> None:
        before = dict.fromkeys(QUESTIONS, "read") | said(golden or {})
        self._said = before | {
            tool: held
            for tool, held in said(*sources).items()
            if not (is_hint(held) and is_settled(before.get(tool, held)))
        }

    def of(self, tool: str) -> Effect:
        held = self._said.get(tool)
        return guessed(tool) if held is None else effect_held(held)

    def held(self, tools: Iterable[str]) -> dict[str, str]:
        """Entries for a golden, one for each of these tools, by name."""
        return {tool: self._said.get(tool, as_guess(guessed(tool))) for tool in sorted(set(tools))}
