"""Golden files: read strictly, written whole or not at all."""

from __future__ import annotations

import gc
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pytest_opswald.errors import (
    GoldenConflict,
    GoldenCorrupt,
    GoldenError,
    GoldenLeaks,
    GoldenMissing,
)
from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.redaction.scanning import leaks
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.placeholders import holds_placeholder

from . import atomic, json_text
from .merging import merge
from .paths import FOLDER
from .variants import variant_paths

__all__ = ["load", "merge", "save", "update"]


def load(path: Path, *, timings: Path | None = None, test: str = "") -> Golden:
    """The golden at a path with its variants; the sidecar of `timings` (the rootdir) merged in.

    Raises GoldenMissing (`test` is the node id to record), GoldenConflict, GoldenCorrupt,
    GoldenTooNew.
    """
    from .timings import timed

    golden = _loaded(path, test)
    if variants := tuple(_loaded(found, test).trace for found in variant_paths(path)):
        golden = golden.model_copy(update={"variants": variants})
    return timed(golden, timings, path) if timings else golden


def _loaded(path: Path, test: str) -> Golden:
    from pytest_opswald.wire.base import Memory
    from pytest_opswald.wire.records import read

    from .reading import from_data

    content = _content(path, test)
    with _collector_paused():
        data = json_text.parse(content, path)
        return from_data(
            data,
            path,
            text=content.decode("utf-8-sig"),
            read=partial(read, memory=Memory()),
        )


def save(path: Path, golden: Redacted, detector: Detector | None = None) -> bool:
    """Write the golden atomically; whether anything changed. An equal file is left untouched.

    Raises GoldenLeaks when a second look, by `detector`, finds a secret in what would be written,
    GoldenError when the file cannot be written.
    """
    with _held(path):
        return _write(path, golden, detector or Detector())


def update(
    path: Path,
    make: Callable[[Golden | None], Redacted | None],
    detector: Detector | None = None,
    *,
    replace_unreadable: bool = False,
) -> bool:
    """Write what `make` makes of the golden as it is now; whether anything changed.

    No other process comes between reading and writing. `make` gets None when there is no golden,
    or with `replace_unreadable` none that can be read; it gives None to leave the file alone.
    Raises what `load` and `save` raise.
    """
    with _held(path):
        golden = make(_present(path, replace_unreadable=replace_unreadable))
        return golden is not None and _write(path, golden, detector or Detector())


def _present(path: Path, *, replace_unreadable: bool) -> Golden | None:
    try:
        return load(path)
    except GoldenMissing:
        return None
    except (GoldenCorrupt, GoldenConflict):
        if not replace_unreadable:
            raise
        return None


def _write(path: Path, golden: Redacted, detector: Detector) -> bool:
    from .encoding import to_data

    text = json_text.dump(to_data(golden))
    _refuse_secret_id(path, golden)
    _refuse_secrets(path, text, detector)
    if path.parent.name == FOLDER and path.parent.is_symlink():
        raise _unwritable(path, f"{path.parent} is a symbolic link that leads elsewhere")
    return atomic.write(path, text.encode())


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """The file is ours alone; what the file system refuses is a GoldenError."""
    try:
        with atomic.locked(path):
            yield
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def _unwritable(path: Path, why: str) -> GoldenError:
    remedy = "The golden is as it was: mend that, and record again."
    return GoldenError(path, f"was not written: {why}", remedy=remedy)


def _refuse_secret_id(path: Path, golden: Golden) -> None:
    """The id of the test names the file: a placeholder in the one is a secret in the other."""
    if holds_placeholder(golden.test):
        raise GoldenLeaks(
            path,
            "not written: the id of its test holds a secret",
            remedy='Name the parameter: pytest.param(value, id="key")',
        )


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
            if not gc.get_freeze_count():
                # There and back, what was built counts as old: it is not looked through at once.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
