"""Orders on the screen: the list, what it comes to, the form, and the orders of one record."""
