"""Asking one provider what was meant for another, and bringing the answer back.

`asks` reads a request into `talk.Ask` and writes one from it, `answers` writes an answer as the
agent's SDK expects it; answers are read by the formats themselves.
"""
