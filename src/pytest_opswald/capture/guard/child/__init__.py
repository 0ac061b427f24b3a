"""First on the path of Python children of a replay."""
