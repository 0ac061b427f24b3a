"""Golden files: read strictly, written whole or not at all."""

from __future__ import annotations

import gc
import os
import shlex
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import time

from pytest_opswald.errors import GoldenLeaks, GoldenMissing
from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.redaction.scanning import leaks
from pytest_opswald.trace.golden import Golden

from . import json_text
from .merging import merge

__all__ = ["load", "merge", "save"]

_FORGOTTEN_SECONDS = 3600
"""Age from which another process' temporary file is taken for a leftover of its death."""


def load(path: Path, *, timings: Path | None = None, test: str = "") -> Golden:
    """The golden at a path, with the sidecar of `timings` (the rootdir) merged in if it fits.

    Raises GoldenMissing (`test` is the node id to record), GoldenConflict, GoldenCorrupt,
    GoldenTooNew.
    """
    from pytest_opswald.wire.records import read

    from .reading import from_data
    from .timings import timed

    content = _content(path, test)
    with _collector_paused():
        data = json_text.parse(content, path)
        golden = from_data(data, path, text=content.decode("utf-8-sig"), read=read)
    return timed(golden, timings, path) if timings else golden


def save(path: Path, golden: Redacted, detector: Detector | None = None) -> bool:
    """Write the golden atomically; whether anything changed. An equal file is left untouched.

    Raises GoldenLeaks when a second look, by `detector`, finds a secret in what would be written.
    """
    from .encoding import to_data

    text = json_text.dump(to_data(golden))
    _refuse_secrets(path, text, detector or Detector())
    content = text.encode()
    with _locked(path):
        if _is_equal(path, content):
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        _replace(path, content)
    return True


def _refuse_secrets(path: Path, text: str, detector: Detector) -> None:
    for leak in leaks(text, detector):
        raise GoldenLeaks(
            path,
            f"not written: it would hold a secret (rule {leak.rule})",
            remedy="Keep the secret out of what the agent says, add a rule to "
            "opswald_redact_patterns, or name the rule in opswald_redact_disable if it errs.",
            line=leak.line,
            column=leak.column,
        )


def _content(path: Path, test: str) -> bytes:
    """The bytes of a regular file of bearable size; nothing else is opened, for it could hang."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        command = shlex.join(["pytest", *([test] if test else []), "--opswald-record"])
        raise GoldenMissing(path, "no golden trace", remedy=f"Record it:  {command}") from None
    except OSError as error:
        raise json_text.corrupt(path, error.strerror or str(error)) from None
    if not stat.S_ISREG(found.st_mode):
        raise json_text.corrupt(path, "this is no regular file")
    if found.st_size > json_text.MOST_BYTES:
        raise json_text.too_large(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise json_text.corrupt(path, error.strerror or str(error)) from None


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Nothing built by a load is garbage; looking for some takes most of a long one's time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_equal(path: Path, content: bytes) -> bool:
    try:
        found = path.stat()
        same_size = stat.S_ISREG(found.st_mode) and found.st_size == len(content)
        return same_size and path.read_bytes() == content
    except OSError:
        return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the golden against other processes; the lock lies apart, never beside the golden."""
    from hashlib import sha256

    from filelock import FileLock

    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"pytest-opswald-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    with FileLock(folder / f"{name}.lock"):
        yield


def _sweep(path: Path) -> None:
    """Remove what a killed process left."""
    for leftover in path.parent.glob(f".{path.stem}.*.tmp"):
        with suppress(OSError):
            if time() - leftover.stat().st_mtime > _FORGOTTEN_SECONDS:
                leftover.unlink()


def _replace(path: Path, content: bytes) -> None:
    """Old or new, whole, whenever the process dies."""
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
