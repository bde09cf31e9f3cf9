"""Orders on the screen: table, totals and chart of the list, form, drawer, and the orders of one record."""
