"""The catalogue of events: each name that the log may hold, with the schema of its payload. Webhooks and automations
document it."""

from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from crm.records import registry
from crm.records.declaration import RecordType
from crm.records.event_types import of_many, of_records, of_related, of_workspace
from crm.records.event_types.model import EventType

__all__ = ["EventType", "UnknownEvent", "catalog", "check"]


def catalog() -> dict[str, EventType]:
    """{name: type of event}, those of every registered record type included."""
    return _catalog(tuple(registry.types().values()))


@lru_cache(8)
def _catalog(_: tuple[RecordType[Any], ...]) -> dict[str, EventType]:
    # The argument is the cache key: types are made and registered at run time.
    modules = (of_records, of_related, of_many, of_workspace)
    return {event_type.name: event_type for module in modules for event_type in module.types()}


class UnknownEvent(ValueError):
    """An event that the catalogue does not know, or whose payload is not as the catalogue says."""


def check(name: str, kind: str, payload: str) -> None:
    """Raise UnknownEvent where the catalogue has no such event, or its payload (JSON, as in the log) does not fit."""
    found = catalog().get(name)
    if found is None:
        raise UnknownEvent(f"There is no event “{name}”: add it to crm/records/event_types.")
    if kind not in found.kinds:
        raise UnknownEvent(f"“{name}” is recorded on {', '.join(sorted(found.kinds))}, not on a {kind}.")
    try:
        found.payload.model_validate_json(payload)
    except ValidationError as error:
        raise UnknownEvent(f"The payload of “{name}” does not fit its schema: {error}") from error
