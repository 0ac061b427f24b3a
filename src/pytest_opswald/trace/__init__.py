"""What happened, and what must happen: documents only."""
