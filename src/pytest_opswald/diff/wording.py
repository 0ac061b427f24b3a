"""Texts as people read them."""

from __future__ import annotations

import re
import unicodedata

from pytest_opswald.trace.placeholders import anonymous

_BETWEEN = re.compile(r"""(?<=\w)[\s_-]+(?=\w)|[.,:;!?"'`()\[\]](?!\d)|\s""")
"""What people leave out, or write otherwise: separators, white space, marks not within a number."""
_MARKS = " .,;:!?\"'`“”«»*"


def folded(text: str) -> str:
    """NFKC, with every run of white space as one space and none around it; secrets are alike."""
    return " ".join(unicodedata.normalize("NFKC", anonymous(text)).split())


def bare(text: str) -> str:
    """Folded, in lower case, without the punctuation around it."""
    return folded(text).casefold().strip(_MARKS)


def squeezed(text: str) -> str:
    """Bare, without white space, separators of words and marks: `DE12 3456`, `see you, at noon`."""
    return _BETWEEN.sub("", bare(text).lstrip("#@"))
