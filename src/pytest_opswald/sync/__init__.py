"""Goldens and results on their way to a server and back; nothing is lost on the way."""
