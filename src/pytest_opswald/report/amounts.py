"""Numbers in words; the same in every report."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 step`, `2 steps`, `1,200 tokens`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def dollars(usd: float) -> str:
    """`$0.41`; small amounts keep two digits that say something: `$0.00012`."""
    if usd >= 0.1 or usd <= 0:
        return f"${usd:,.2f}"
    return f"${float(f'{usd:.2g}'):.10f}".rstrip("0")
