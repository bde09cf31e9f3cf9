"""The pages of records, and their parts: title row, details, timeline, notes, files, labels."""
