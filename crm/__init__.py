"""Mallard: a CRM that a team runs on its own machine."""
