"""Companies: where contacts work and with whom deals are made. A module that can be switched off."""

from crm.companies.finding import FIELDS, SOURCE, count, fields, find, named
from crm.companies.particulars import search_of
from crm.companies.record import Company, find_one, get, suggested_for
from crm.companies.verbs import BIN_DAYS, binned, create, delete, edit, find_or_create, restore
from crm.listing import Asked, Page

__all__ = [
    "BIN_DAYS",
    "FIELDS",
    "SOURCE",
    "Asked",
    "Company",
    "Page",
    "binned",
    "count",
    "create",
    "delete",
    "edit",
    "fields",
    "find",
    "find_one",
    "find_or_create",
    "get",
    "named",
    "restore",
    "search_of",
    "suggested_for",
]
