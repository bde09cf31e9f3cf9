"""What knows nothing else of ours: errors, permissions, clock, money, identity, settings, sandbox, tables of files."""
