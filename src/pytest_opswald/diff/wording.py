"""Texts as people read them."""

from __future__ import annotations

import re
import unicodedata

from pytest_opswald.trace.placeholders import anonymous

_BETWEEN = re.compile(r"""(?<=\w)[\s_-]+(?=\w)|[.,:;!?"'`()\[\]](?!\d)|\s""")
"""What people leave out, or write otherwise: separators, white space, marks not within a number."""
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))
"""Hyphens that keep lines together, and dashes that stand for minus: some LLMs write no other."""
_MARKS = " .,;:!?\"'`“”«»*"


def folded(text: str) -> str:
    """NFKC, with plain hyphens and single spaces, none around it; secrets are alike."""
    return " ".join(unicodedata.normalize("NFKC", anonymous(text)).translate(_DASHES).split())


def bare(text: str) -> str:
    """Folded, in lower case, without the punctuation around it."""
    return folded(text).casefold().strip(_MARKS)


def squeezed(text: str) -> str:
    """Bare, without white space, separators of words and marks: `DE12 3456`, `see you, at noon`."""
    return _BETWEEN.sub("", bare(text).lstrip("#@"))
