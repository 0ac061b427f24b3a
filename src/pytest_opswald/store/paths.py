"""Where the golden of a test lies: a readable, portable, injective file name beside the test.

`test_refund.py::test_sent` is kept in `goldens/test_refund.test_sent.json`, and a test named as
its module simply in `goldens/test_refund.json`. Whatever those letters cannot spell faithfully
(classes, parameters, capitals, very long names) gets a slug and a hash of file name and test:
`goldens/test_refund.TestEU.test_sent.a-b-1f0c9a3e.json`. Nothing outside the test's own folder
takes part, so names do not depend on where pytest was started.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

FOLDER = "goldens"
_LONGEST = 120
"""Bytes, suffix included; leaves room for a temporary name on every file system."""
_PLAIN = re.compile(r"[a-z0-9_]+")
_UNPORTABLE = re.compile(r"[^A-Za-z0-9_.]+")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def golden_path(test_file: Path, nodeid: str) -> Path:
    """The golden of one test; `nodeid` is pytest's, of which the part after `::` counts."""
    return test_file.parent / FOLDER / f"{golden_name(test_file.name, nodeid)}.json"


def golden_name(file_name: str, nodeid: str) -> str:
    """File name without `.json`, at most 115 ASCII bytes."""
    module = unicodedata.normalize("NFC", file_name)
    test = nodeid.partition("::")[2] or nodeid
    return _plain_name(module, test) or _hashed_name(module, test)


def _plain_name(module: str, test: str) -> str | None:
    """The name without a hash, for tests that lower-case letters spell one way only."""
    stem, dot, suffix = module.rpartition(".")
    name = stem if stem == test else f"{stem}.{test}"
    spelt = dot and suffix == "py" and _PLAIN.fullmatch(stem) and _PLAIN.fullmatch(test)
    if not spelt or _DEVICE.match(name) or len(name) > _LONGEST - len(".json"):
        return None
    return name


def _hashed_name(module: str, test: str) -> str:
    from hashlib import sha256

    identity = f"{module}::{test}".encode("utf-8", "surrogatepass")
    tail = f"-{sha256(identity).hexdigest()[:8]}"
    stem = module.removesuffix(".py")
    slug = _slug(f"{stem}.{test.replace('::', '.').replace('[', '.')}")
    return slug[: _LONGEST - len(tail) - len(".json")].rstrip(".-") + tail


def _slug(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = re.sub(r"-*\.[.-]*", ".", _UNPORTABLE.sub("-", letters)).strip(".-")
    return f"_{slug}" if not slug or _DEVICE.match(slug) else slug
