"""A plan against the store: matched, compared, written, and what became of each row."""
