"""Where the server keeps things: SQLite in one file, or PostgreSQL."""
