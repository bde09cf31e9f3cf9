"""The model of a type of event: name, description, the kinds of record it is recorded on, and its payload's schema."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Payload(BaseModel):
    """The payload of an event, besides who, when and on what. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Payload):
    """An empty payload."""


FieldChanges = dict[str, tuple[Any, Any]]
"""{field: (before, after)}; names stand beside ids, and attributes are `attribute:<key>`."""


class Changed(Payload):
    changes: FieldChanges


class Named(Payload):
    name: str


class Open(BaseModel):
    """Fields of the record itself, or counts by what was counted."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Created(Open):
    """The new record's fields that are not empty."""


class Counts(Open):
    __pydantic_extra__: dict[str, int] = Field(init=False)


@dataclass(frozen=True)
class EventType:
    """`kinds`: the kinds of record that it is recorded on, as the log's `subject_kind`."""

    name: str
    description: str
    payload: type[BaseModel]
    kinds: frozenset[str]


def of_kind(kind: str, *types: tuple[str, str, type[BaseModel]]) -> Iterator[EventType]:
    """Types of event on one kind of record; a name without a dot is completed by the kind."""
    return of_kinds(
        (kind,),
        *((name if "." in name else f"{kind}.{name}", description, payload) for name, description, payload in types),
    )


def of_kinds(kinds: Iterable[str], *types: tuple[str, str, type[BaseModel]]) -> Iterator[EventType]:
    return (EventType(name, description, payload, frozenset(kinds)) for name, description, payload in types)
