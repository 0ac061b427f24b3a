"""Our traces as those of other systems, and theirs as ours."""
