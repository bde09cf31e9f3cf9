"""Contacts, companies and deals from files: read, mapped, planned, then looked at or applied, whole or not at all."""

from crm.imports.model import Fault, Import, Kind, OnDuplicate, Options
from crm.imports.preview import Preview, preview
from crm.imports.verbs import (
    apply,
    begin,
    cancel,
    count,
    get,
    latest,
    mappings,
    rejected,
    rejected_csv,
    require,
    save_mapping,
    template_csv,
)

__all__ = [
    "Fault",
    "Import",
    "Kind",
    "OnDuplicate",
    "Options",
    "Preview",
    "apply",
    "begin",
    "cancel",
    "count",
    "get",
    "latest",
    "mappings",
    "preview",
    "rejected",
    "rejected_csv",
    "require",
    "save_mapping",
    "template_csv",
]
