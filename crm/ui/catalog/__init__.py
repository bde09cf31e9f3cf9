"""The drawer of one product, on the page of the catalog."""
