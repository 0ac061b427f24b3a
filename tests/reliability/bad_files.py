"""Files that are no goldens, by what is wrong with them."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

GOOD = {
    "schema": 1,
    "made_by": "pytest-opswald",
    "name": "test_refund",
    "test": "test_refund.py::test_refund",
    "tags": ["smoke"],
    "expected_outcome": {"status": "completed"},
    "steps": [
        {"step": 1, "type": "user_input", "message": "Grüße! Refund order 42."},
        {"step": 2, "type": "custom", "name": "by hand", "input": {"a": 1}, "output": [1.5, None]},
        {"step": 3, "type": "response", "message": "Refunded."},
    ],
}
TEXT = json.dumps(GOOD, ensure_ascii=False, indent=1)


class Malicious:
    """What unpickling would run."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("code-was-run",)


def with_steps(*steps: dict[str, Any]) -> str:
    numbered = [{"step": number, **step} for number, step in enumerate(steps, start=1)]
    return json.dumps({**GOOD, "steps": numbered})


def custom(value: Any) -> dict[str, Any]:
    return {"type": "custom", "input": value}


def stream(*events: Any) -> str:
    http = {"format": "http", "url": "https://api.example.com/v1", "events": list(events)}
    return with_steps({"type": "custom", "http": http})


def doubling(levels: int) -> str:
    """Each step says the one before it twice."""
    said = [custom("x" * 100)]
    said += [custom([{"same_as": f"{n}.input"}] * 2) for n in range(1, levels)]
    return with_steps(*said)


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


CONTENTS: dict[str, str | bytes] = {
    "empty": "",
    "blank": " \n\n",
    "null": "null",
    "list": "[]",
    "number": "42",
    "text": '"golden"',
    "another object": '{"name": "x"}',
    "conflict": changed(' "tags"', '<<<<<<< HEAD\n "tags": [],\n=======\n>>>>>>> b\n "tags"'),
    "conflict with base": changed(
        ' "tags"', "<<<<<<< a\n||||||| b\n=======\n>>>>>>> c\n" + ' "tags"'
    ),
    "utf-16": TEXT.encode("utf-16"),
    "latin-1": TEXT.encode("latin-1"),
    "raw surrogate": TEXT.encode().replace(b"Refund order", b"\xed\xa0\x80"),
    "nan": changed("1.5", "NaN"),
    "infinity": changed("1.5", "-Infinity"),
    "repeated key": changed('"a": 1', '"a": 1, "a": 2'),
    "deep lists": "[" * 100_000,
    "deep objects": '{"schema":' * 100_000,
    "deep but closed": changed('"a": 1', f'"a": {"[" * 500}{"]" * 500}'),
    "huge integer": changed('"a": 1', f'"a": {"9" * 5000}'),
    "huge schema": changed('"schema": 1', f'"schema": {"9" * 4000}'),
    "later schema": changed('"schema": 1', '"schema": 2'),
    "schema zero": changed('"schema": 1', '"schema": 0'),
    "schema as text": changed('"schema": 1', '"schema": "1"'),
    "schema as truth": changed('"schema": 1', '"schema": true'),
    "picture": b"\x89PNG\r\n\x1a\n\x00\x00",
    "compressed": gzip.compress(TEXT.encode()),
    "zeros": b"\x00" * 4096,
    "pickle": pickle.dumps(Malicious()),
    "yaml": '!!python/object/apply:os.mkdir ["code-was-run"]',
    "trailing comma": changed('"tags": [\n  "smoke"\n ]', '"tags": ["smoke",]'),
    "comments": "// a golden\n" + TEXT,
    "two documents": TEXT + TEXT,
    "unknown key": changed('"tags"', '"tagz"'),
    "no steps": changed('"steps"', '"expected_steps"'),
    "steps as object": json.dumps({**GOOD, "steps": {}}),
    "step as list": json.dumps({**GOOD, "steps": [[]]}),
    "step out of order": changed('"step": 2', '"step": 3'),
    "unknown type": changed('"custom"', '"costum"'),
    "unknown expectation": changed('"status"', '"statuz"'),
    "wrong type": changed('"message": "Refunded."', '"message": 7'),
    "reference ahead": with_steps(custom({"same_as": "9.input"})),
    "reference to itself": with_steps(custom({"same_as": "1.input"})),
    "reference to nowhere": with_steps(custom(1), custom({"same_as": "1.output.x[3]"})),
    "endless reference": with_steps(custom({"same_as": "1." + "a." * 50_000})),
    "half a word": with_steps(custom({"like": "1.input"})),
    "endless run": stream({"run": 10**12, "of": {"data": 1}, "moving": {}}),
    "negative run": stream({"run": -1, "of": {"data": 1}, "moving": {}}),
    "cuts beyond the text": stream(
        {
            "run": 3,
            "of": {"data": ""},
            "moving": {"data": {"text": "a", "cuts": "(9" + "9" * 16 + ")11"}},
        }
    ),
    "uneven columns": stream({"run": 3, "of": {"data": 0}, "moving": {"data": {"each": [1, 2]}}}),
    "exchange of no format": with_steps(
        {"type": "llm_call", "http": {"format": "telepathy", "url": "https://x.example"}}
    ),
    "exchange that is none": with_steps({"type": "llm_call", "http": 7}),
    "request of another shape": with_steps(
        {
            "type": "llm_call",
            "http": {"format": "openai_chat", "url": "https://x.example", "request": [1]},
        }
    ),
}
"""Each is refused with a GoldenError."""

FINE: dict[str, str | bytes] = {
    "byte order mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "windows line ends": TEXT.replace("\n", "\r\n"),
    "lone surrogate": changed("Refunded.", "\\ud83d"),
    "escaped bomb of sharing": doubling(60),
    "hostile keys": with_steps(custom({"__proto__": 1, "__class__": "x", "$type": "pickle"})),
}
"""Each is read."""


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**31)


def _socket(path: Path) -> None:
    # The path of a socket is short by law; its name is not.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


PLACES: dict[str, Callable[[Path], object]] = {
    "2 GiB sparse": _sparse,
    "pipe": os.mkfifo,
    "socket": _socket,
    "folder": Path.mkdir,
    "link to itself": lambda path: path.symlink_to(path),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to nowhere": lambda path: path.symlink_to("nowhere"),
}
"""What stands where a golden should; each is refused with a GoldenError."""


def plant(path: Path, name: str) -> None:
    """Put the bad file of that name there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if name in PLACES:
        PLACES[name](path)
    else:
        content = {**CONTENTS, **FINE}[name]
        path.write_bytes(content.encode() if isinstance(content, str) else content)
