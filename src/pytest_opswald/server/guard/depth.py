"""How deep JSON goes, told from its bytes before anything parses them."""

from __future__ import annotations

MOST = 64
_ALIKE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))


def too_deep(content: bytes) -> bool:
    """Whether arrays and objects are nested in each other more than 64 times.

    Texts are cut out, then the innermost pairs of brackets are taken away, level by level: each a
    pass in C over fewer bytes. What is no JSON may pass: the parser speaks of that.
    """
    if content.count(b"[") + content.count(b"{") <= MOST:
        return False
    left = _brackets(content)
    for _ in range(MOST):
        left = left.replace(b"[]", b"")
    return b"[]" in left or left.count(b"[") > MOST


def _brackets(content: bytes) -> bytes:
    """What is left without the texts, in which brackets mean nothing."""
    bare = content.replace(rb"\\", b"").replace(rb"\"", b"")
    outside = bare.translate(_ALIKE, _NO_BRACKETS).split(b'"')[::2]
    return b"".join(outside)
