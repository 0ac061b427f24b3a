"""Finished trials of a session under way: each a small file, so that none is lost or paid twice.

They lie in `.opswald/trials/<test>-<key>/` under the rootdir. The key is made of the test, the
bytes of its golden and all its settings but the number of trials; each file names the sources
that were loaded and the data that was read when the trial ended, by content. A session that comes
to its end removes its trials: only one that was killed or interrupted is ever continued, within a
day, and only where golden, settings, sources and data are still the same.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from time import time
from types import ModuleType
from typing import Any

from pytest_opswald.stats.trials import Trial

from .sidecars import FOLDER

KEPT_SECONDS = 24 * 3600
"""Age up to which a trial is taken for one of the same effort."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an interrupted session has left of one test."""

    trials: tuple[Trial, ...] = ()
    """Those that still count, in the order they ended."""
    outdated: int = 0
    """How many do not, because files they depended on have changed since."""
    changed: tuple[str, ...] = ()
    """These files, seen from the rootdir."""


class FinishedTrials:
    """The trials of one test."""

    def __init__(self, root: Path, *, test: str, golden: Path, settings: str) -> None:
        self._root = root
        key = sha256(golden.read_bytes())
        key.update("\0".join((test, settings)).encode("utf-8", "surrogatepass"))
        self.folder = folder_of(root) / f"{golden.stem[:80]}-{key.hexdigest()[:16]}"

    def load(self) -> Found:
        """What there is of them; a broken file is no trial, nor is an old one."""
        read = [self._read(path) for path in sorted(self.folder.glob("*.json"))]
        found = [each for each in read if each]
        changed = sorted({name for _, names in found for name in names})
        trials = tuple(trial for trial, names in found if not names)
        return Found(trials, len(found) - len(trials), tuple(changed))

    def add(self, trial: Trial, sources: Iterable[Path]) -> None:
        """Keep one more; written whole or not at all."""
        data = {"trial": asdict(trial), "sources": self._digests(sources)}
        self.folder.mkdir(parents=True, exist_ok=True)
        ignore_all(self._root)
        number = 1 + max((int(p.stem) for p in self.folder.glob("[0-9]*.json")), default=0)
        write(self.folder / f"{number:04}.json", data)

    def _read(self, path: Path) -> tuple[Trial, list[str]] | None:
        """A trial, and the files that have changed since."""
        try:
            if is_old(path):
                return None
            data = json.loads(path.read_bytes())
            said = data["sources"]
            now = self._digests(self._root / name for name in said)
            return Trial.parsed(data["trial"]), [name for name in said if said[name] != now[name]]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def _digests(self, sources: Iterable[Path]) -> dict[str, str]:
        return {path.relative_to(self._root).as_posix(): _digest(path) for path in sorted(sources)}


def loaded_sources(root: Path, modules: Mapping[str, ModuleType | None]) -> list[Path]:
    """Files under the root that modules were loaded from, less what is installed there."""
    files = (getattr(module, "__file__", None) for module in list(modules.values()))
    paths = {Path(file) for file in files if file}
    return [path for path in paths if path.is_relative_to(root) and _is_own(path)]


def forget(root: Path, folders: Iterable[str]) -> None:
    """Remove the trials in these folders, and whatever has grown old."""
    home = folder_of(root)
    old = (folder.name for folder in home.glob("*") if all(map(is_old, folder.glob("*"))))
    for name in {*folders, *old}:
        shutil.rmtree(home / name, ignore_errors=True)


def are_kept(root: Path) -> bool:
    """Whether there are trials of a session that did not come to its end."""
    return any(folder_of(root).glob("*/*.json"))


def folder_of(root: Path) -> Path:
    return root / FOLDER / "trials"


def ignore_all(root: Path) -> None:
    """What lies in `.opswald` is nobody's to commit."""
    with suppress(OSError):
        (root / FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")


def write(path: Path, data: Any) -> None:
    """JSON, old or new, whenever the process dies."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def is_old(path: Path) -> bool:
    return time() - path.stat().st_mtime > KEPT_SECONDS


def _is_own(path: Path) -> bool:
    return "site-packages" not in path.parts and path.suffix == ".py"


def _digest(path: Path) -> str:
    try:
        found = path.stat()
        return _digest_at(path, found.st_mtime_ns, found.st_size)
    except OSError:
        return "gone"


@cache
def _digest_at(path: Path, mtime_ns: int, size: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]
