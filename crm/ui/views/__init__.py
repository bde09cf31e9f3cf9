"""The views of a pipeline: board, table and calendar over one look, and those that were saved."""
