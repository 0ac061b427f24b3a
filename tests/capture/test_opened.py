"""Files that this process has opened to read."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_opswald.capture.opened import files_read, watch_files


def test_data_that_was_read_is_known(tmp_path: Path) -> None:
    """However it was opened; not what was written, code, caches, folders, what lies elsewhere."""
    watch_files()
    names = ("a.txt", "b.csv", "own.log", "code.py", ".cache/x.json", "goldens/g.json", ".env")
    for name in names:
        path = tmp_path / "project" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        os.close(os.open(path, os.O_CREAT))
    (tmp_path / "elsewhere.txt").touch()

    for name in names:
        (tmp_path / "project" / name).read_text()
    os.close(os.open(tmp_path / "project", os.O_RDONLY))
    with (tmp_path / "project" / "own.log").open("a"):
        pass

    found = files_read(tmp_path / "project")

    assert [path.name for path in found] == [".env", "a.txt", "b.csv"]
