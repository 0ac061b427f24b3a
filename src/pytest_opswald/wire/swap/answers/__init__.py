"""Answers of each format, whole and as a stream, written from an `Answer`."""
