"""Requests of each format, written from an `Ask`."""
