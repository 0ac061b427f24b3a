"""Recording and replaying as pure decisions: no I/O, no pytest."""
