"""A syrupy extension for trajectories and outcomes: a text file a snapshot, as a review wants it.

Importing this imports syrupy: only the fixture that needs it does.
"""

from __future__ import annotations

import json
from typing import Any

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class TraceSnapshotExtension(SingleFileSnapshotExtension):
    """Keeps `opswald.trajectory` as the lines it is, and anything else as indented JSON.

    Syrupy's own format would put all snapshots of a module into one file and indent every line;
    a file of its own shows a changed step as one changed line.
    """

    file_extension = "txt"
    _write_mode = WriteMode.TEXT

    def serialize(self, data: Any, **options: Any) -> str:
        """The text of the snapshot file; ends in a line break."""
        if isinstance(data, str):
            return data if data.endswith("\n") else f"{data}\n"
        return f"{json.dumps(data, ensure_ascii=False, indent=2)}\n"
