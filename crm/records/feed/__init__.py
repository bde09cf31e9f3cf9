"""The change feed: one row a changed record, in the order of commits, whoever changed it and however many at once."""

from crm.records.feed.cursors import advance, end, position
from crm.records.feed.model import START, Change, Position
from crm.records.feed.reading import PLACES, changes, kinds_changed, rows_of, scan

__all__ = [
    "PLACES",
    "START",
    "Change",
    "Position",
    "advance",
    "changes",
    "end",
    "kinds_changed",
    "position",
    "rows_of",
    "scan",
]
