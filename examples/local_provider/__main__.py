"""`python -m local_provider`, or `python examples/local_provider` from anywhere."""

import sys
from pathlib import Path

if not __package__:  # run as a folder: Python put the folder itself on the path, not its parent
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from local_provider.support import main

main()
