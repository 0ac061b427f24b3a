"""Draws what was found: one summary, many renderers. Nothing here prints."""
