"""Where each noun lives."""

BASE = "/api/v1"

PLURALS = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "order": "orders",
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
    "product": "products",
}


def path_of(kind: str, record_id: int) -> str | None:
    """The address of one record, None for a kind that has no route."""
    return f"{BASE}/{PLURALS[kind]}/{record_id}" if kind in PLURALS else None
