"""Goldens on disk: where they lie, how they are written, and how strictly they are read."""
