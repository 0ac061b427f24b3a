"""Personal data, looked for on request only: agents of support desks live on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .spans import Span

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
_CARD = re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+|00)[1-9]\d{0,2}[ (./-]{0,2}\d(?:[ ()./-]{0,2}\d){6,12}(?!\w)"
)


def _any(found: str) -> bool:
    return True


def is_card(found: str) -> bool:
    """Luhn's check digit."""
    digits = [int(char) for char in reversed(found) if char.isdigit()]
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_iban(found: str) -> bool:
    """The checksum of ISO 13616."""
    text = found.replace(" ", "")
    if not 15 <= len(text) <= 34:
        return False
    number = "".join(str(int(char, 36)) for char in text[4:] + text[:4])
    return int(number) % 97 == 1


_KINDS: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "pii.email": (_EMAIL, _any),
    "pii.card": (_CARD, is_card),
    "pii.iban": (_IBAN, is_iban),
    "pii.phone": (_PHONE, _any),
}
RULES = tuple(_KINDS)


def personal(text: str, rules: frozenset[str]) -> Iterator[Span]:
    """What the chosen rules find."""
    for rule in RULES:
        if rule in rules:
            pattern, holds = _KINDS[rule]
            for found in pattern.finditer(text):
                if holds(found.group()):
                    yield Span(found.start(), found.end(), rule, rule)
