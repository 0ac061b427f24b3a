"""How deep JSON goes and how much is in it, told from its bytes before anything parses them."""

from __future__ import annotations

MOST = 64
MOST_VALUES = 500_000
"""Values in arrays and objects: each of them may take a hundred bytes when it is parsed."""
_ALIKE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))
_TEXTS = 4 * MOST_VALUES
"""More quotes than so many values and their names have; then nobody cuts texts out."""


def too_many(content: bytes) -> bool:
    """Whether arrays and objects hold more than 500,000 values together."""
    marks = content.count(b",") + content.count(b"[") + content.count(b"{")
    if marks <= MOST_VALUES:
        return False
    bare = _unescaped(content)
    if bare.count(b'"') > _TEXTS:
        return True
    return sum(_count(piece) for piece in bare.split(b'"')[::2]) > MOST_VALUES


def too_deep(content: bytes) -> bool:
    """Whether arrays and objects are nested in each other more than 64 times.

    Texts are cut out, then the innermost pairs of brackets are taken away, level by level: each a
    pass in C over fewer bytes. What is no JSON may pass: the parser speaks of that.
    """
    if content.count(b"[") + content.count(b"{") <= MOST:
        return False
    left = _brackets(content)
    for _ in range(MOST):
        before, left = left, left.replace(b"[]", b"")
        if len(left) == len(before):
            break
    return b"[]" in left or left.count(b"[") > MOST


def _brackets(content: bytes) -> bytes:
    """What is left without the texts, in which brackets mean nothing."""
    outside = _unescaped(content).translate(_ALIKE, _NO_BRACKETS).split(b'"')[::2]
    return b"".join(outside)


def _unescaped(content: bytes) -> bytes:
    """Without backslashes and quotes that are in texts: each quote begins or ends one."""
    return content.replace(rb"\\", b"").replace(rb"\"", b"")


def _count(piece: bytes) -> int:
    return piece.count(b",") + piece.count(b"[") + piece.count(b"{")
