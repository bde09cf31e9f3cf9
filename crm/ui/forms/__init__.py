"""The forms of records: fields, drawers, and what two people changed at once."""
