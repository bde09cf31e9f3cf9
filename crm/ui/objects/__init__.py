"""The page on which a team makes types of records, and shapes their fields."""
