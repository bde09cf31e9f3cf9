"""Files that go in and out over plain HTTP, beside the pages."""
