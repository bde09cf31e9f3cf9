"""Files in and out over plain HTTP, beside the pages."""
