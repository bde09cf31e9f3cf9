"""What the pages of all records share: title, log, notes, files, labels."""
