"""Events of a single changed record: those of any type, and those that only contacts, deals or orders have."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field

from crm.foundation.language import ENGLISH, capitalized, speaking
from crm.records import registry
from crm.records.declaration import RecordType, Trait
from crm.records.event_types.model import Changed, Created, EventType, FieldChanges, Nothing, Open, Payload, of_kind


class Titled(Open):
    """The field that is the record's title."""

    __pydantic_extra__: dict[str, str] = Field(init=False)


class Merged(Payload):
    merge_id: int
    survivor_id: int
    absorbed_id: int
    survivor_name: str
    absorbed_name: str
    changes: FieldChanges


class Unmerged(Merged):
    stayed: list[str]
    """What was changed since the merge and stays as it is, a sentence each."""


class Decided(Payload):
    other_id: int


class Erased(Payload):
    """`redacted` gives the new hash of each event that was emptied, by its number."""

    erasure: int
    redacted: dict[str, str]
    counts: dict[str, dict[str, int]] | None = None


class Arrived(Changed):
    from_stage: int
    to_stage: int


class Reordered(Payload):
    stage: int


def types() -> Iterator[EventType]:
    for key, of in registry.types().items():
        yield from of_kind(key, *_of_any(of))
    yield from of_kind(
        "contact",
        ("blocked", "A contact was blocked.", Nothing),
        ("unblocked", "A contact was unblocked.", Nothing),
        ("handed_out", "All that is held on a contact was saved as a file.", Nothing),
        ("erased", "A contact was erased for good.", Erased),
    )
    yield from of_kind(
        "deal",
        ("corrected", "Value or currency of a closed deal was set.", Changed),
        ("moved", "A deal came to another open stage.", Arrived),
        ("won", "A deal was won.", Arrived),
        ("lost", "A deal was lost.", Arrived),
        ("reopened", "A closed deal came back to an open stage.", Arrived),
        ("reordered", "A deal got another place in its stage.", Reordered),
    )
    yield from of_kind("order", ("status_changed", "An order came into another status.", Changed))


def _of_any(of: RecordType[Any]) -> Iterator[tuple[str, str, type[BaseModel]]]:
    """(name, description, payload) of the events that the type's traits allow."""
    with speaking(ENGLISH):
        one = of.an
    name = capitalized(one)
    yield ("created", f"{name} was made.", Created)
    yield ("changed", f"Fields of {one} were set.", Changed)
    if of.has(Trait.BIN):
        yield ("deleted", f"{name} was put in the bin.", Titled)
        yield ("restored", f"{name} was brought back from the bin.", Titled)
        yield ("erased", f"{name} was deleted for good.", Nothing)
    if of.has(Trait.LABELS):
        yield ("labelled", f"{name} got other labels.", Changed)
    if of.has(Trait.MERGE):
        yield ("merged", f"Another was merged into {one}.", Merged)
        yield ("absorbed", f"{name} was merged into another.", Merged)
        yield ("unmerged", f"What was merged into {one} is a record of its own again.", Unmerged)
        yield ("woken", f"{name} that was merged into another is a record of its own again.", Merged)
        yield ("told_apart", f"Somebody said that {one} is not another one like it.", Decided)
        yield ("brought_up_again", f"Somebody asked again whether {one} is another one like it.", Decided)
