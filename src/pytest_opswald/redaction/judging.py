"""Whether a value looks like a secret, wherever it stands."""

from __future__ import annotations

import re

from pytest_opswald.trace.placeholders import PLACEHOLDER

_WORDS = """
any bool boolean bytes changeme default disabled empty enabled false field file hidden input integer
invalid masked missing n/a nil no none null number object optional os.environ password passwd
private public pwd redacted removed required secret secrets self set str string text token true type
undefined unknown unset unused username valid value xxx yes
"""
_DUMMIES = frozenset(_WORDS.split())
_TEMPLATE = re.compile(
    r"[<{\[(%].*[>}\])%]|\$.*|%[sdr]|(?:your|my|some)[-_ ].*|\.\.\.", re.IGNORECASE | re.DOTALL
)
_PLACE = re.compile(r"(?:~|\.{0,2}/|[A-Za-z]:\\|[a-z]+://(?![^/@\s]*:[^/@\s]*@)).*", re.DOTALL)
_WORDS_IN_PROSE = 6
"""From as many words on, a value under a secret name is a sentence about it."""


def is_dummy(value: str) -> bool:
    """A blank, a type, a template, stars: what stands where a secret would."""
    text = value.strip(" \"'`")
    return (
        len(set(text)) < 3
        or text.lower() in _DUMMIES
        or bool(_TEMPLATE.fullmatch(text))
        or bool(PLACEHOLDER.search(text))
    )


def is_password(value: str) -> bool:
    """Anything that somebody would put under the name of a password."""
    return (
        len(value) >= 4
        and len(value.split(None, _WORDS_IN_PROSE)) < _WORDS_IN_PROSE
        and not (is_dummy(value) or value.strip().isspace())
    )


def is_token(value: str, least: int) -> bool:
    """One word of at least so many characters that no language has."""
    return (
        len(value) >= least
        and not any(char.isspace() for char in value)
        and is_mixed(value)
        and not is_dummy(value)
        and not _PLACE.fullmatch(value)
    )


def is_mixed(value: str) -> bool:
    """Letters with digits, or capitals amid small letters."""
    has_digit = any(char.isdigit() for char in value)
    has_letter = any(char.isalpha() for char in value)
    return has_letter and (has_digit or _is_mixed_case(value))


def is_known_worth(value: str) -> bool:
    """Whether replacing the value wherever it stands hits secrets, and no plain words."""
    if len(value) < 8 or is_dummy(value) or _PLACE.fullmatch(value):
        return False
    return len(value) >= 16 or any(not (char.islower() or char in "-_. ") for char in value)


def _is_mixed_case(value: str) -> bool:
    """`aBcD`, but neither `Word` nor `WORD`."""
    inner = value[1:]
    return any(char.isupper() for char in inner) and any(char.islower() for char in value)
