"""The SQL page: an editor, what there is to query, and results as tables and charts."""
