"""Custom attributes of contacts, companies and deals: definitions, typed columns, values."""

from crm.records.attributes.bin import Deleted, delete, deleted, discard, purge, restore, usage
from crm.records.attributes.conversion import Conversion, convert, preview
from crm.records.attributes.defining import (
    PATTERNED,
    checked_name,
    define,
    get_for_change,
    misfits,
    rename,
    reorder,
    set_pattern,
)
from crm.records.attributes.definitions import (
    Definition,
    beside_fields,
    definitions,
    find,
    get,
    is_on,
    key_of,
    models,
    table_of,
    types_of,
)
from crm.records.attributes.fields import fields
from crm.records.attributes.list_values import (
    ListValue,
    add_values,
    delete_value,
    list_values,
    rename_value,
    reorder_values,
)
from crm.records.attributes.patterns import checked as checked_pattern
from crm.records.attributes.patterns import fits
from crm.records.attributes.rules import fitting_column
from crm.records.attributes.types import PLAIN, AttributeType
from crm.records.attributes.values import checked, from_row, values, values_of, write

__all__ = [
    "PATTERNED",
    "PLAIN",
    "AttributeType",
    "Conversion",
    "Definition",
    "Deleted",
    "ListValue",
    "add_values",
    "beside_fields",
    "checked",
    "checked_name",
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
    "get_for_change",
    "is_on",
    "key_of",
    "list_values",
    "misfits",
    "models",
    "preview",
    "purge",
    "rename",
    "rename_value",
    "reorder",
    "reorder_values",
    "restore",
    "set_pattern",
    "table_of",
    "types_of",
    "usage",
    "values",
    "values_of",
    "write",
]
