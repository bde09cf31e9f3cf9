"""The change feed: one row a changed record, in the order of commits, whoever changed it and however many at once."""

from crm.records.feed.cursors import advance, end, position
from crm.records.feed.model import START, Change, Position
from crm.records.feed.reading import changes, rows_of, scan

__all__ = ["START", "Change", "Position", "advance", "changes", "end", "position", "rows_of", "scan"]
