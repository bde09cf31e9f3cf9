"""The parts of the imports page: the list, a new import, and one import from dry run to result."""
