"""The common part of all record types: their declarations, and everything that works on any type by its declaration."""
