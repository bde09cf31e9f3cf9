"""The list of one noun: search, filters, sort, columns, pages, records picked and changed, and its segments."""
