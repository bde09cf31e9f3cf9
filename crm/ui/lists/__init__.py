"""The list of a record type: search, filters, sort, columns, pages, records picked and changed, and its segments."""
