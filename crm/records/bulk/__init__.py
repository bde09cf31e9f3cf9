"""One change of many records at once: looked at first, made whole, taken back whole."""

from crm.records.bulk.model import Action, BulkChange, Change, Kind, Left, Outlook, Preview, Refusal, Undone
from crm.records.bulk.tables import actions
from crm.records.bulk.undo import left, outlook, undo
from crm.records.bulk.verbs import apply, find, get, preview, recent, refused

__all__ = [
    "Action",
    "BulkChange",
    "Change",
    "Kind",
    "Left",
    "Outlook",
    "Preview",
    "Refusal",
    "Undone",
    "actions",
    "apply",
    "find",
    "get",
    "left",
    "outlook",
    "preview",
    "recent",
    "refused",
    "undo",
]
