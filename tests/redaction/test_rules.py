"""Rules: users add, and remove by id."""

from __future__ import annotations

import pytest

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.redaction.rules import Rules, rules
from tests.redaction.planted import secret


def redacted(text: str, chosen: Rules) -> str:
    return Redactor(Detector(chosen)).text(text)


@pytest.mark.parametrize(
    ("pattern", "clean"),
    [
        (r"CUST-\d+", "see ‹redacted:custom#1› and a.c"),
        (r"see (\S+)", "see ‹redacted:custom#1› and a.c"),
        ("literal: a.c", "see CUST-17 and ‹redacted:custom#1›"),
    ],
    ids=["regex", "group", "literal"],
)
def test_a_pattern_is_added(pattern: str, clean: str) -> None:
    """A regular expression, of which the first group is the secret, or a literal text."""
    assert redacted("see CUST-17 and a.c", rules(patterns=[pattern])) == clean


def test_added_patterns_replace_none_of_ours() -> None:
    """What is found by default stays found."""
    assert redacted(secret("github"), rules(patterns=["x"])) == "‹redacted:github-token#1›"


def test_a_rule_is_removed_by_its_id() -> None:
    """And no other with it."""
    text = f"{secret('github')} {secret('gitlab')}"

    clean = redacted(text, rules(disable=["github-token"]))

    assert clean == f"{secret('github')} ‹redacted:gitlab-token#1›"


@pytest.mark.parametrize(
    ("rule", "text", "clean"),
    [
        ("pii.email", "mail ana.b+c@example.co.uk!", "mail ‹redacted:pii.email#1›!"),
        ("pii.card", "pay with 4111 1111 1111 1111.", "pay with ‹redacted:pii.card#1›."),
        ("pii.card", "order 4111 1111 1111 1112", "order 4111 1111 1111 1112"),
        ("pii.iban", "to DE89 3704 0044 0532 0130 00 now", "to ‹redacted:pii.iban#1› now"),
        ("pii.iban", "to DE88 3704 0044 0532 0130 00", "to DE88 3704 0044 0532 0130 00"),
        ("pii.phone", "call +49 30 901820", "call ‹redacted:pii.phone#1›"),
    ],
    ids=["email", "card", "no card", "iban", "no iban", "phone"],
)
def test_personal_data_is_redacted_on_request(rule: str, text: str, clean: str) -> None:
    """Numbers by their check digits; without the request nothing changes."""
    assert redacted(text, rules(redact=[rule])) == clean
    assert redacted(text, rules()) == text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"redact": ["pii.mail"]}, "did you mean pii.email"),
        ({"disable": ["github"]}, "no rule is called github"),
        ({"patterns": ["("]}, "no regular expression"),
    ],
    ids=["personal", "id", "pattern"],
)
def test_what_makes_no_sense_is_refused(given: dict[str, list[str]], said: str) -> None:
    """By name."""
    with pytest.raises(InvalidSetting, match=said):
        rules(**given)
