"""An agent of one LLM call, and models that fail it now and then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from local_provider import Ask, Fail, Reply, Say

AGENT = """
from chat import chat

def answer(question):
    return chat(model="gpt-5.2", messages=[{"role": "user", "content": question}])["content"]
"""

SWAP = ("--opswald-replay", "--opswald-model", "gpt-5.2-mini")

GOOD = Say("It is 42.")


def module_of(cases: Mapping[str, str]) -> str:
    """A test module with one test for each case, by name and marker arguments."""
    tests = (
        f"@pytest.mark.opswald({marker})\n"
        f"def test_{name}(opswald):\n"
        f"    assert '42' in answer({name!r})\n"
        for name, marker in cases.items()
    )
    return "\n\n".join(["import pytest\nfrom agent import answer", *tests])


def faltering(script: Mapping[str, str]) -> Callable[[Ask], Reply]:
    """A model that goes by a script for each question: `.` good, `x` bad, `!` a provider error.

    It begins anew where the script ends; a question without a script is answered well.
    """
    asked: Counter[str] = Counter()

    def model(ask: Ask) -> Reply:
        question = ask.prompt
        lines = script.get(question, ".")
        turn = lines[asked[question] % len(lines)]
        asked[question] += 1
        return {".": GOOD, "x": Say("No idea."), "!": Fail(503, "overloaded")}[turn]

    return model
