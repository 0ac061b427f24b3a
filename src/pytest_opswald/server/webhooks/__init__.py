"""Word of what happened, sent to the URLs that asked for it."""
