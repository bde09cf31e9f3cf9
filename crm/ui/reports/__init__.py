"""What the report pages share: charts, cards, drawers, filters."""
