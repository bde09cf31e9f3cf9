"""Orders on the screen: list, totals and chart, form, parts of an order's page, the orders of one record."""
