"""Reads at a press what the page of a record will read at the click."""
