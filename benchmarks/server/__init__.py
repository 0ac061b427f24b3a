"""How fast the server takes, lists and opens what agents said, and how much room that takes."""

from .family import measured

__all__ = ["measured"]
