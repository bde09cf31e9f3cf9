"""The values of columns that feed a choice: what a field takes, what a file holds, what is proposed between."""
