"""Reads the fenced code blocks out of Markdown pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(
    r"^```(?P<language>\w+) ?(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_TITLE = re.compile(r'title="(?P<title>[^"]+)"')


@dataclass(frozen=True)
class Block:
    """One fenced block; `title="file"` behind the language names the file it shows."""

    page: Path
    line: int
    language: str
    title: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Every block of a page, in order."""
    source = page.read_text(encoding="utf-8")
    for fence in _FENCE.finditer(source):
        titled = _TITLE.search(fence["info"])
        yield Block(
            page=page,
            line=source.count("\n", 0, fence.start()) + 1,
            language=fence["language"],
            title=titled["title"] if titled else None,
            text=fence["text"],
        )


@dataclass(frozen=True)
class Command:
    """A `$ command` of a console block and the lines it is said to print."""

    line: str
    prints: tuple[str, ...]


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console block."""
    for said in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, *prints = said.splitlines()
        yield Command(line.strip(), tuple(prints))
