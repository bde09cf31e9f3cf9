"""One change of many records at once: looked at first, made whole, taken back whole."""

from crm.bulk.model import Action, BulkChange, Change, Kind, Left, Outlook, Preview, Refusal, Undone
from crm.bulk.tables import actions
from crm.bulk.undo import left, outlook, undo
from crm.bulk.verbs import apply, find, get, preview, recent, refused

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
