"""The folder of what waits: one file for each item, written whole, gone when it has arrived.

It lies in `.opswald/outbox/` under the rootdir. What a server will never take lies in `dead/` beside
it, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pydantic

from pytest_opswald.store import atomic
from pytest_opswald.store.sidecars import FOLDER, prepare

from .items import Item, packed, unpacked


@dataclass(frozen=True, slots=True)
class Waiting:
    """One file of the outbox."""

    path: Path
    content: bytes

    @property
    def item(self) -> Item | None:
        """None when it is none."""
        try:
            return unpacked(self.content)
        except pydantic.ValidationError:
            return None


class Outbox:
    """Files, named by their content: the same thing put in twice is in there once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / FOLDER / "outbox"

    def put(self, item: Item) -> Path:
        """Keep an item until it has arrived. Raises OSError."""
        content = packed(item)
        path = self.folder / f"{sha256(content).hexdigest()}.json"
        prepare(self._root, path)
        atomic.write(path, content)
        return path

    def __iter__(self) -> Iterator[Waiting]:
        """Goldens first, for results refer to them, and what has waited longest."""
        for path in sorted(self._paths(), key=_rank):
            with suppress(FileNotFoundError):  # another process was faster
                yield Waiting(path, path.read_bytes())

    def __len__(self) -> int:
        return sum(1 for _ in self._paths())

    def done(self, waiting: Waiting) -> None:
        waiting.path.unlink(missing_ok=True)  # another process may have sent it, too

    def bury(self, waiting: Waiting, reason: str) -> Path:
        """Put aside what nobody will ever take."""
        try:
            item = json.loads(waiting.content)
        except ValueError:
            item = waiting.content.decode("utf-8", "replace")
        grave = self.folder / "dead" / waiting.path.name
        told = json.dumps({"reason": reason, "item": item}, ensure_ascii=False, indent=1)
        grave.parent.mkdir(exist_ok=True)
        atomic.write(grave, told.encode("utf-8", "surrogatepass"))
        self.done(waiting)
        return grave

    def _paths(self) -> Iterator[Path]:
        return self.folder.glob("[0-9a-f]*.json")


def _rank(path: Path) -> tuple[bool, int]:
    golden = b'{"kind":"golden"'
    try:
        with path.open("rb") as file:
            return file.read(len(golden)) != golden, path.stat().st_mtime_ns
    except FileNotFoundError:
        return True, 0
