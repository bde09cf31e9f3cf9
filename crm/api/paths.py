"""Where each kind of record has its address."""

from typing import Any

from crm.records import registry
from crm.records.declaration import RecordType

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
    "sql_query": "sql/queries",
    "scenario": "scenarios",
    "dashboard": "dashboards",
    "dashboard_schedule": "dashboard-schedules",
    "bulk_change": "bulk-changes",
    "object_type": "objects/types",
}
"""What is no registered record type."""


def path_of(kind: str, record_id: int) -> str | None:
    """The address of one record, None for a kind that has no route. What is only within something else has the address
    of its list for its kind: /objects/types/7/fields."""
    if kind.startswith("/"):
        return f"{BASE}{kind}/{record_id}"
    of = registry.types().get(kind)
    where = list_path(of) if of else f"/{OTHERS[kind]}" if kind in OTHERS else None
    return f"{BASE}{where}/{record_id}" if where else None


def list_path(of: RecordType[Any]) -> str:
    """The address of the list of a type, below the base: /contacts, /objects/course/records."""
    return f"/objects/{of.slug}/records" if of.custom else f"/{of.plural}"


def words(of: RecordType[Any]) -> tuple[str, str]:
    """What the names of routes call a record of the type, and several: contact and contacts, object_course."""
    return (f"object_{of.slug}", f"object_{of.slug}") if of.custom else (of.key, of.plural)
