"""Custom attributes of contacts, companies and deals: definitions, typed columns, values."""

from crm.attributes.bin import Deleted, delete, deleted, discard, purge, restore, used
from crm.attributes.conversion import Conversion, convert, preview
from crm.attributes.defining import PATTERNED, define, misfits, rename, reorder, set_pattern, shaped
from crm.attributes.definitions import MODULES, TABLES, Definition, definitions, find, get, is_on, key_of
from crm.attributes.fields import fields
from crm.attributes.list_values import (
    ListValue,
    add_values,
    delete_value,
    list_values,
    rename_value,
    reorder_values,
)
from crm.attributes.patterns import checked as checked_pattern
from crm.attributes.patterns import fits
from crm.attributes.rules import fitting_column
from crm.attributes.types import AttributeType
from crm.attributes.values import checked, from_row, values, values_of, write

__all__ = [
    "MODULES",
    "PATTERNED",
    "TABLES",
    "AttributeType",
    "Conversion",
    "Definition",
    "Deleted",
    "ListValue",
    "add_values",
    "checked",
    "checked_pattern",
    "convert",
    "define",
    "definitions",
    "delete",
    "delete_value",
    "deleted",
    "discard",
    "fields",
    "find",
    "fits",
    "fitting_column",
    "from_row",
    "get",
    "is_on",
    "key_of",
    "list_values",
    "misfits",
    "preview",
    "purge",
    "rename",
    "rename_value",
    "reorder",
    "reorder_values",
    "restore",
    "set_pattern",
    "shaped",
    "used",
    "values",
    "values_of",
    "write",
]
