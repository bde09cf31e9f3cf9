"""The forms of records: layout, fields and widgets, drafts, and the choice where two people changed one field."""
