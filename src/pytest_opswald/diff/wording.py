"""Texts as people read them."""

from __future__ import annotations

import unicodedata

from pytest_opswald.trace.placeholders import anonymous


def folded(text: str) -> str:
    """NFKC, with every run of white space as one space and none around it; secrets are alike."""
    return " ".join(unicodedata.normalize("NFKC", anonymous(text)).split())


def bare(text: str) -> str:
    """Folded, in lower case, without the punctuation around it."""
    return folded(text).casefold().strip(" .,;:!?\"'")
