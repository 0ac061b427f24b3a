"""Other plugins beside us, in an environment of their own that `OPSWALD_NEIGHBOURS` names."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("OPSWALD_NEIGHBOURS") else ["test_*.py"]
