"""The views of a pipeline: board, table and calendar over one query, and saved views."""
