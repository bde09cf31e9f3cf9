"""What all record types share: the declaration of each, and everything that works on any type by it."""
