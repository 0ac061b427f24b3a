"""`pytest-opswald scan [PATH ...]`: secrets in what we wrote, told by place and rule alone."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from pytest_opswald.errors import OpswaldError
from pytest_opswald.plugin.ini_rules import rules_for
from pytest_opswald.redaction.scanning import detector_for, leaks

from .output import write

_OURS = frozenset({"goldens", ".opswald", "__snapshots__"})
"""Folders in which we write."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path()],
        metavar="PATH",
        help="file to look at, or folder in which goldens and snapshots are looked for",
    )
    parser.add_argument(
        "--staged", action="store_true", help="what the next git commit would hold of them"
    )


def run(options: argparse.Namespace) -> int:
    texts = _staged(options.paths) if options.staged else _stored(options.paths)
    rules = cache(rules_for)
    found: list[str] = []
    is_empty = True
    for path, text in texts:
        is_empty = False
        known = detector_for(text, rules(path.parent), os.environ)
        found += (f"{path}:{leak.line}:{leak.rule}" for leak in leaks(text, known))
    if is_empty and not options.staged:
        where = ", ".join(map(str, options.paths))
        raise OpswaldError(
            f"{where}: no goldens and no snapshots there, so nothing was looked at; "
            "name their folder: pytest-opswald scan tests/goldens"
        )
    write(found)
    return 1 if found else 0


def _stored(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for given in paths:
        if given.is_dir():
            below = (path for path in sorted(given.rglob("*")) if _is_ours(path.absolute()))
            for path in below:
                if path.is_file():
                    yield path, _read(path)
        else:
            yield given, _read(given)


def _is_ours(path: Path) -> bool:
    return not _OURS.isdisjoint(path.parts[:-1])


def _read(path: Path) -> str:
    try:
        return _decoded(path.read_bytes())
    except OSError as error:
        raise OpswaldError(f"{path}: {error.strerror}") from None


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _staged(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """The files of the index that are added or changed."""
    asked = ["diff", "--cached", "--name-only", "-z", "--relative", "--diff-filter=ACMR", "--"]
    names = _git(*asked, *map(str, paths)).decode("utf-8", "surrogateescape")
    exact = {path for path in paths if path.is_file()}
    for name in filter(None, names.split("\0")):
        path = Path(name)
        if path in exact or _is_ours(path.absolute()):
            yield path, _decoded(_git("show", f":./{name}"))


def _git(*arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout
    except FileNotFoundError:
        raise OpswaldError("scan --staged asks git, and there is no git") from None
    except subprocess.CalledProcessError as error:
        raise OpswaldError(f"scan --staged: {_decoded(error.stderr).strip()}") from None
