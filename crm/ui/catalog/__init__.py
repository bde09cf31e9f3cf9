"""The catalog's page: its list and the drawer of one product."""
