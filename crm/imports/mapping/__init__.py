"""Which column feeds which field: proposed, shown, chosen, saved for the next file."""
