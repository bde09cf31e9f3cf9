"""The imports page in its parts: the list, a new import, and one import from dry run to result."""
