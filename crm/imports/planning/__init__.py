"""What a file holds, before it is compared with the store: clean rows, and a reason for each row that is rejected."""
