"""When people last acted on each deal, as columns: `base.deal_activity`, one row a deal.

entered_at: the last arrival in a stage; moved_at: the last one by a person. edited_at: a person's last change of value
or expected close. noted_at, filed_at: the newest note and file that are still there. pushes: how often the expected
close was postponed, by whoever.

All of it follows from history, and summing that up for a score takes far longer to plan than to read (DECISIONS.md). So
whatever writes history keeps the columns in the same transaction: a single change by one statement with what it knows,
a change of many by one statement over the rows that it wrote, an undo from what is left of the history. `crm verify`
compares them with the history.
"""

from crm.deals.activity.writing import (
    follow_arrivals,
    note_arrival,
    note_child,
    note_edit,
    recompute_edits,
    recompute_moves,
    recompute_notes,
    refill,
    start,
    start_each,
)

__all__ = [
    "follow_arrivals",
    "note_arrival",
    "note_child",
    "note_edit",
    "recompute_edits",
    "recompute_moves",
    "recompute_notes",
    "refill",
    "start",
    "start_each",
]
