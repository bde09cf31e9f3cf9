"""What all record types share: filters, attributes, lists, bin, labels, notes, files, bulk changes, merging."""
