"""What all record types share: their declarations, and everything that works on any type by its declaration."""
