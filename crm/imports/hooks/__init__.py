"""What the import of a type does beyond its fields: where a deal stands, who bought an order."""

from typing import Any

from crm.imports.hooks import companies, contacts, deals, orders
from crm.imports.planning.import_hooks import NONE, ImportHooks
from crm.records.declaration import RecordType

BY_HAND = (contacts.HOOKS, companies.HOOKS, deals.HOOKS, orders.HOOKS)


def hooks_of(of: RecordType[Any]) -> ImportHooks:
    return next((hooks for hooks in BY_HAND if hooks.key == of.key), NONE)
