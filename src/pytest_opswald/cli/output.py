"""Where commands write: standard output, in colour when a person reads it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable

from pytest_opswald.report.paper import Paper, plain

_CODES = {"bold": 1, "light": 2, "red": 31, "green": 32, "yellow": 33}


def paper(*, verbosity: int = 0) -> Paper:
    """The terminal as it is: its width, its encoding, its colours."""
    return Paper(
        width=shutil.get_terminal_size().columns,
        markup=_ansi if _wants_colour() else plain,
        encoding=sys.stdout.encoding or "utf-8",
        verbosity=verbosity,
    )


def write(lines: Iterable[str]) -> None:
    """One line after the other; a reader that goes away (`| head`) is no error."""
    try:
        for line in lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain once more while it closes the stream at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _wants_colour() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def _ansi(text: str, **markup: bool) -> str:
    codes = ";".join(str(_CODES[name]) for name, wanted in markup.items() if wanted)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes else text
