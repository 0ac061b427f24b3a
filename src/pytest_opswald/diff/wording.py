"""Texts as people read them."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """NFKC, with every run of white space as one space and none around it."""
    return " ".join(unicodedata.normalize("NFKC", text).split())
