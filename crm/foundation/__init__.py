"""The lowest layer, which imports no other: errors, permissions, clock, money, identity, settings, sandbox, tables."""
