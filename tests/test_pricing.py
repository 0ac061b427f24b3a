"""Costs come from a price list on this machine, and are unknown rather than guessed at zero."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pytest_opswald.pricing import cost_of
from pytest_opswald.trace.steps import Tokens

OPENAI = "https://api.openai.com/v1/chat/completions"
ANTHROPIC = "https://api.anthropic.com/v1/messages"
SPENT = Tokens(input=1000, output=100)


@pytest.mark.parametrize(
    ("model", "url", "tokens", "usd"),
    [
        ("gpt-4o", OPENAI, SPENT, 1000 * 2.5e-6 + 100 * 10e-6),
        (
            "gpt-4o",
            OPENAI,
            Tokens(input=1000, cached=400, output=100),
            0.0025 - 400 * 1.25e-6 + 0.001,
        ),
        ("gpt-4o", OPENAI, Tokens(input=1000, output=100, reasoning=90), 0.0035),
        (
            "claude-sonnet-4-5-20250929",
            ANTHROPIC,
            Tokens(input=1000, cached=400, cache_write=200, output=100),
            400 * 3e-6 + 400 * 0.3e-6 + 200 * 3.75e-6 + 100 * 15e-6,
        ),
        ("gpt-4o", "http://localhost/v1/chat/completions", SPENT, 0.0035),
        ("gpt-4o", "https://llm.example.com/v1/chat/completions", SPENT, 0.0035),
        ("gpt-4o", None, SPENT, 0.0035),
    ],
    ids=["plain", "cached", "reasoning", "cache write", "loopback", "proxy", "no url"],
)
def test_a_known_model_has_its_price(model, url, tokens, usd):
    """Cached tokens are cheaper, written ones dearer, reasoning is part of the output."""
    assert cost_of(model, url, tokens) == pytest.approx(usd)


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("nobody-sells-this", SPENT),
        (None, SPENT),
        ("gpt-4o", None),
        ("gpt-4o", Tokens(input=1, cached=400)),
    ],
    ids=["unknown model", "no model", "no usage", "contradictory usage"],
)
def test_an_unknown_price_is_none(model, tokens):
    """Nothing is charged to what cannot be priced."""
    assert cost_of(model, OPENAI, tokens) is None


def test_the_price_list_is_loaded_on_first_use():
    """Importing the module, as every replay may, leaves genai-prices alone."""
    code = "import sys, pytest_opswald.pricing; sys.exit('genai_prices' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
