"""Contacts: the people whom the team works with."""

from crm.contacts.activity import fill_last_activity, last_activity
from crm.contacts.bin import delete, restore
from crm.contacts.finding import SOURCE, count, fields, find
from crm.contacts.record import Contact, find_one, get
from crm.contacts.verbs import block, create, edit, find_or_create, search_of, set_labels, unblock
from crm.records.listing import Asked, Page

__all__ = [
    "SOURCE",
    "Asked",
    "Contact",
    "Page",
    "block",
    "count",
    "create",
    "delete",
    "edit",
    "fields",
    "fill_last_activity",
    "find",
    "find_one",
    "find_or_create",
    "get",
    "last_activity",
    "restore",
    "search_of",
    "set_labels",
    "unblock",
]
