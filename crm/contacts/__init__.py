"""Contacts: the people that the team works with."""

from crm.contacts.activity import fill_last_activity, last_activity
from crm.contacts.card import Card, card, of_company
from crm.contacts.declaration import CONTACT, Contact
from crm.contacts.verbs import (
    block,
    count,
    create,
    delete,
    edit,
    fields,
    find,
    find_one,
    find_or_create,
    get,
    restore,
    set_labels,
    unblock,
)
from crm.records.listing import ListQuery, Page

__all__ = [
    "CONTACT",
    "Card",
    "Contact",
    "ListQuery",
    "Page",
    "block",
    "card",
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
    "of_company",
    "restore",
    "set_labels",
    "unblock",
]
