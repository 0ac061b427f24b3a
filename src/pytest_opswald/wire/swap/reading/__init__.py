"""Requests of each format, read into an `Ask`."""
