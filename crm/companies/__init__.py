"""Companies: the organisations that contacts work for and deals are made with. A module that can be switched off."""

from crm.companies.card import Card, card
from crm.companies.declaration import COMPANY, Company
from crm.companies.owning import may_change
from crm.companies.verbs import (
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
    suggested_for,
)
from crm.records.listing import ListQuery, Page

__all__ = [
    "COMPANY",
    "Card",
    "Company",
    "ListQuery",
    "Page",
    "card",
    "count",
    "create",
    "delete",
    "edit",
    "fields",
    "find",
    "find_one",
    "find_or_create",
    "get",
    "may_change",
    "restore",
    "suggested_for",
]
