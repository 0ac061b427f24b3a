"""What an LLM call cost, best effort, from the price list that genai-prices carries with it."""

from __future__ import annotations

from pytest_opswald.trace.steps import Tokens


def cost_of(model: str | None, url: str | None, tokens: Tokens | None) -> float | None:
    """USD for one call; None when model, tokens or price are unknown.

    The provider is told by the URL where the price list knows it; for any other host (a proxy, this
    machine) the model's name decides. Nothing is fetched.
    """
    if model is None or tokens is None:
        return None
    # genai-prices costs 200 ms to import: only a run that went live pays
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=tokens.input,
        cache_read_tokens=tokens.cached,
        cache_write_tokens=tokens.cache_write,
        output_tokens=tokens.output,
    )
    for known_by in dict.fromkeys((url, None)):
        try:
            return float(calc_price(usage, model, provider_api_url=known_by).total_price)
        except (LookupError, ValueError):  # no price, or counts that contradict each other
            continue
    return None
