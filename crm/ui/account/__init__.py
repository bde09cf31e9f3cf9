"""The parts of the page Account."""
