"""The drawers in which an administrator shapes custom attributes."""
