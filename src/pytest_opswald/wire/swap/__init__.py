"""Asking one provider what was meant for another, and bringing the answer back.

A request is read into a `talk.Ask` (`reading`) and written from it (`writing`); an answer is read
by its format, as always, and written as the agent's SDK expects it (`answers`).
"""
