"""Undoing an import: planned, shown, carried out by the worker."""
