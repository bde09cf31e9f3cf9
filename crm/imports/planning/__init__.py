"""What a file says before the store is asked: clean rows by kind, and a reason for each row that is none."""
