"""Where each kind of record has its address."""

from crm.records import registry

BASE = "/api/v1"

OTHERS = {
    "pipeline": "pipelines",
    "import": "imports",
    "attribute": "attributes",
    "user": "users",
    "note": "notes",
    "checklist": "checklists",
    "checklist-item": "checklist-items",
    "checklist-template": "checklist-templates",
    "file": "files",
    "label": "labels",
    "segment": "segments",
    "bulk_change": "bulk-changes",
}
"""What is no registered record type."""


def path_of(kind: str, record_id: int) -> str | None:
    """The address of one record, None for a kind that has no route."""
    of = registry.types().get(kind)
    plural = of.plural if of else OTHERS.get(kind)
    return f"{BASE}/{plural}/{record_id}" if plural else None
