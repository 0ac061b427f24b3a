"""Files about a golden that stay on this machine: below `.opswald/`, which git never sees."""

from __future__ import annotations

from pathlib import Path

FOLDER = ".opswald"


def sidecar(root: Path, kind: str, path: Path) -> Path:
    """Where something of this kind about the golden at `path` lies; `root` is the rootdir."""
    from hashlib import sha256

    absolute, top = path.absolute(), root.absolute()
    place = absolute.relative_to(top) if absolute.is_relative_to(top) else absolute
    digest = sha256(place.as_posix().encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return root / FOLDER / kind / f"{path.stem[:80]}-{digest}.json"


def prepare(root: Path, file: Path) -> None:
    """Make the folder of a sidecar. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    (root / FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
