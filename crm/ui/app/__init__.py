"""The application around the pages: what one process runs, the frame of every page, and the pages there are."""
