"""Takes the lists that steps repeat out of a payload: messages, tools, whatever comes as objects.

An agent sends its whole conversation with every call. Each object of such a list becomes a link of
a hash chain: link = hash(link before, object). A call that goes on from another shares all of its
links, so what was said is kept once; equal links mean equal beginnings. Pure functions.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from pydantic_core import from_json, to_json

_WORTH_BYTES = 512
"""Shorter lists cost less where they are."""
_WORTH_ZLIB = 192
_PLAIN, _ZLIB = b"\0", b"\1"

Hash = bytes
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One object of a list, behind all before it."""

    prev: Hash | None
    message: Hash


@dataclass(frozen=True, slots=True)
class Folded:
    """A payload without its long lists."""

    data: bytes
    """As it is stored."""
    heads: tuple[Hash, ...]
    """The last link of each list."""


@dataclass(slots=True)
class Links:
    """What the payloads of one request need of chain and blobs."""

    links: dict[Hash, Link] = field(default_factory=dict)
    blobs: dict[Hash, bytes] = field(default_factory=dict)


def folded(value: Any, links: Links, *, key: bytes) -> Folded:
    """The payload as it is stored; what it shares with others is added to `links`."""
    heads: list[tuple[Path, Hash]] = []
    skeleton = _without_lists(value, (), links, heads, key)
    document = [skeleton, [[path, head.hex()] for path, head in heads]]
    return Folded(packed(encoded(document)), tuple(dict.fromkeys(head for _, head in heads)))


def unfolded(data: bytes, lists: Mapping[Hash, Sequence[Any]]) -> Any:
    """The payload as it was, given the lists of its heads. Raises KeyError when one is missing."""
    skeleton, heads = from_json(unpacked(data))
    for path, head in heads:
        if not path:
            return list(lists[bytes.fromhex(head)])
        place = skeleton
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = list(lists[bytes.fromhex(head)])
    return skeleton


def heads_of(data: bytes) -> tuple[Hash, ...]:
    """The last links of the lists that a stored payload does without."""
    return tuple(dict.fromkeys(bytes.fromhex(head) for _, head in from_json(unpacked(data))[1]))


def encoded(value: Any) -> bytes:
    """Compact JSON; infinity, which JSON cannot say, becomes null as everywhere."""
    return to_json(value, inf_nan_mode="null")


def packed(content: bytes) -> bytes:
    """Compressed where that pays."""
    if len(content) >= _WORTH_ZLIB:
        compressed = zlib.compress(content, 1)
        if len(compressed) < len(content):
            return _ZLIB + compressed
    return _PLAIN + content


def unpacked(data: bytes) -> bytes:
    return zlib.decompress(data[1:]) if data[:1] == _ZLIB else data[1:]


def hash_of_message(content: bytes, key: bytes) -> Hash:
    """The name of an object: of its JSON and the project's key."""
    return blake2b(content, digest_size=16, key=key, person=b"message").digest()


def hash_of_link(link: Link, key: bytes) -> Hash:
    """The name of a link: of its object, and of all before it."""
    before = link.prev or b""
    return blake2b(before + link.message, digest_size=16, key=key, person=b"link").digest()


def _without_lists(
    value: Any, path: Path, links: Links, heads: list[tuple[Path, Hash]], key: bytes
) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_lists(part, (*path, name), links, heads, key)
            if isinstance(part, (dict, list))
            else part
            for name, part in value.items()
        }
    if _is_repeatable(value):
        objects = [encoded(part) for part in value]
        if sum(map(len, objects)) >= _WORTH_BYTES:
            heads.append((path, _chained(objects, links, key)))
            return None
    return value


def _is_repeatable(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)


def _chained(objects: Sequence[bytes], links: Links, key: bytes) -> Hash:
    head: Hash | None = None
    for content in objects:
        link = Link(head, hash_of_message(content, key))
        head = hash_of_link(link, key)
        if head not in links.links:
            links.links[head] = link
            links.blobs.setdefault(link.message, content)
    assert head
    return head
