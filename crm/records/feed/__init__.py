"""The change feed: one row a changed record, in the order of commits, whoever changed it and however many at once.

No change of records is what only changes how they are shown: a label's new name or colour, a stage's or a user's new
name, a new list value, an attribute that is renamed, put in the bin or brought back. Each of these is one row of the
feed, on the label, the pipeline, the user or the attribute itself.

What changed many records at once, and is kept beside the log, is erased with a record: a reader that begins at the
first event finds of records that are gone only what was done to each of them alone, and `<kind>.erased`.
"""

from crm.records.feed.cursors import advance, end, position
from crm.records.feed.model import START, Change, Position
from crm.records.feed.reading import PLACES, changes, kinds_changed, raw, rows_of, scan

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
    "raw",
    "rows_of",
    "scan",
]
