"""Custom attributes of contacts, companies and deals: definitions, typed columns, values."""

from crm.attributes.definitions import TABLES, Definition, define, definitions, find, key_of
from crm.attributes.fields import fields
from crm.attributes.types import AttributeType
from crm.attributes.values import checked, from_row, values, values_of, write

__all__ = [
    "TABLES",
    "AttributeType",
    "Definition",
    "checked",
    "define",
    "definitions",
    "fields",
    "find",
    "from_row",
    "key_of",
    "values",
    "values_of",
    "write",
]
