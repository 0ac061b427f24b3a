"""What is found in texts, whatever it stands in."""

from __future__ import annotations

import pytest

from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.redactor import Redactor
from tests.redaction.planted import CONTEXTS, HEX, KINDS, planted, secret, traces_of

WINDOW = 12
"""Characters in a row of a secret that must not be left, either."""


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_found_wherever_it_stands(kind: str, context: str) -> None:
    """Fifty and more kinds, in prose, code, JSON, headers, URLs and logs."""
    planted_one = secret(kind, context)

    clean = Redactor(Detector()).text(CONTEXTS[context](planted_one))

    assert not [form for form in traces_of(planted_one) if form in clean]
    pieces = range(len(planted_one) - WINDOW)
    assert not any(planted_one[i : i + WINDOW] in clean for i in pieces)


def test_the_plants_are_many() -> None:
    """At least three hundred, and no two alike."""
    texts = [text for _, _, text in planted()]

    assert len(texts) >= 300
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    "before",
    ["", " ", "=", '"', "'", "(", "/", "%3D", "%20", "\\n", "\\t", "\\u0022", "\x1b[32m", "‹", ":"],
    ids=repr,
)
def test_a_shape_begins_after_anything_but_a_word(before: str) -> None:
    """Escapes and colours end in letters and digits that belong to no word."""
    key = secret("openai-project")

    assert Redactor(Detector()).text(before + key) == f"{before}‹redacted:openai-key#1›"


@pytest.mark.parametrize(
    "text",
    [
        "a risk-assessment-of-the-whole-portfolio-2026",
        "task-1234567890abcdefghijklmn",
        "sk-" + "x" * 48,
        "commit 4f2a9c1de07b3c55a1f0e6d2b8c9a7f3e5d1c0b2 by ana",
        "call_9Jq2mKx7LpWv3RtZ0sYbNcDe",
        "chatcmpl-9Jq2mKx7LpWv3RtZ0sYbNcDe and msg_01AbCdEfGhIjKlMnOpQrStUv",
        "d290f1ee-6c54-4b01-90e6-d701748f0851",
        "sha256:" + HEX * 4,
        "AKIA is how ids of Amazon begin; SK is the country code of Slovakia",
        "eyJ is how tokens begin",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "the pat1234567890 of the key-board, hf_hub_download(repo_id='bert')",
        "https://api.example.com/v1/orders?page=2&limit=50",
    ],
    ids=lambda text: text[:24],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Words, ids, hashes, dummies, certificates."""
    assert Redactor(Detector()).text(text) == text


def test_a_private_key_that_was_cut_off_is_found_as_far_as_it_goes() -> None:
    """And the sentence behind it stays."""
    whole = secret("private-key")
    cut = "\n".join(whole.splitlines()[:3])

    clean = Redactor(Detector()).text(f"{cut}\nand so on")

    assert clean == "‹redacted:private-key#1›and so on"
