"""Data protection: erasing a person, and the export of everything that is stored about them."""
