"""Custom objects: record types that a team makes without code, and their fields. A module, off by default."""

from crm.objects.field_verbs import (
    UNIQUE,
    add_field,
    delete_field,
    fields,
    get_field,
    restore_field,
    set_required,
    set_unique,
)
from crm.objects.icons import DEFAULT as DEFAULT_ICON
from crm.objects.icons import ICONS
from crm.objects.model import Field, ObjectType
from crm.objects.templates import TEMPLATES, Template, from_template
from crm.objects.upserting import upsert
from crm.objects.verbs import (
    NAMING,
    change,
    create,
    delete,
    deleted,
    find,
    get,
    purge,
    record_counts,
    reorder,
    restore,
    types,
)

__all__ = [
    "DEFAULT_ICON",
    "ICONS",
    "NAMING",
    "TEMPLATES",
    "UNIQUE",
    "Field",
    "ObjectType",
    "Template",
    "add_field",
    "change",
    "create",
    "delete",
    "delete_field",
    "deleted",
    "fields",
    "find",
    "from_template",
    "get",
    "get_field",
    "purge",
    "record_counts",
    "reorder",
    "restore",
    "restore_field",
    "set_required",
    "set_unique",
    "types",
    "upsert",
]
