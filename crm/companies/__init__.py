"""Companies: where contacts work and with whom deals are made. A module that can be switched off."""

from crm.companies.bin import delete, restore
from crm.companies.finding import SOURCE, count, fields, find, named
from crm.companies.owning import may_change
from crm.companies.record import Company, find_one, get, suggested_for
from crm.companies.validation import search_of
from crm.companies.verbs import create, edit, find_or_create
from crm.records.listing import Asked, Page

__all__ = [
    "SOURCE",
    "Asked",
    "Company",
    "Page",
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
    "named",
    "restore",
    "search_of",
    "suggested_for",
]
