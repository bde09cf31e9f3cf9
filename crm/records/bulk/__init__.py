"""Bulk changes: one change of many records at once, with a preview, applied as a whole and undone as a whole."""

from crm.records.bulk.model import Action, BulkChange, Change, Kind, Left, Outlook, Preview, Refusal, Undone
from crm.records.bulk.of_type import flag, offered, operations, reference
from crm.records.bulk.operation import Aim, BulkOperation, FeedRow, FieldChange
from crm.records.bulk.undo import left, outlook, undo
from crm.records.bulk.verbs import apply, find, get, has_made_any, preview, recent, refused

__all__ = [
    "Action",
    "Aim",
    "BulkChange",
    "BulkOperation",
    "Change",
    "FeedRow",
    "FieldChange",
    "Kind",
    "Left",
    "Outlook",
    "Preview",
    "Refusal",
    "Undone",
    "apply",
    "find",
    "flag",
    "get",
    "has_made_any",
    "left",
    "offered",
    "operations",
    "outlook",
    "preview",
    "recent",
    "reference",
    "refused",
    "undo",
]
