"""One file, one writer at a time, old or new and whole whenever a process dies."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file against other processes; a killed holder lets go. Raises OSError.

    The lock lies apart, so that nothing but goldens stands where goldens are.
    """
    from hashlib import sha256

    from filelock import FileLock

    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"pytest-opswald-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    with FileLock(folder / f"{name}.lock"):
        yield


def write(path: Path, content: bytes) -> bool:
    """Put this into the file, whose lock is held; False when it held it already. Raises OSError."""
    if _holds(path, content):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    _replace(path, content)
    return True


def _holds(path: Path, content: bytes) -> bool:
    try:
        found = path.stat()
        same_size = stat.S_ISREG(found.st_mode) and found.st_size == len(content)
        return same_size and path.read_bytes() == content
    except OSError:
        return False


def _sweep(path: Path) -> None:
    """Remove what killed processes left: whoever is alive and writes this file holds its lock."""
    leftover = re.compile(rf"\.{re.escape(path.stem)}\.\w{{8}}\.tmp")
    for found in path.parent.iterdir():
        if leftover.fullmatch(found.name):
            with suppress(OSError):
                found.unlink()


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor, not a path
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(path))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _mode(path: Path) -> int:
    """That of the file replaced, else what the umask gives a new one."""
    with suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _sync_folder(folder: Path) -> None:
    """Make the rename last; Windows has no such thing."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
