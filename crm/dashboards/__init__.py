"""Dashboards: tiles of the reports' figures, each reader's own."""
