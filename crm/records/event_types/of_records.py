"""Events of contacts, companies, deals and orders: one record changed by itself."""

from collections.abc import Iterator

from crm.records.event_types.model import Changed, Created, EventType, FieldChanges, Nothing, Payload, of_kind

TYPES = ("contact", "company", "deal", "order")
MERGED = ("contact", "company")
BLOCKED = ("contact",)
LABELLED = ("contact", "deal")


class Binned(Payload):
    """What the record is called."""

    name: str | None = None
    title: str | None = None


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
    for kind in TYPES:
        yield from of_kind(
            kind,
            ("created", f"A {kind} was made.", Created),
            ("changed", f"Fields of a {kind} were set.", Changed),
            ("deleted", f"A {kind} was put in the bin.", Binned),
            ("restored", f"A {kind} was brought back from the bin.", Binned),
        )
    for kind in LABELLED:
        yield from of_kind(kind, ("labelled", f"A {kind} got other labels.", Changed))
    for kind in MERGED:
        yield from of_kind(
            kind,
            ("merged", f"Another {kind} was merged into this one.", Merged),
            ("absorbed", f"A {kind} was merged into another.", Merged),
            ("unmerged", f"A {kind} that was merged into this one is one of its own again.", Unmerged),
            ("woken", f"A {kind} that was merged into another is one of its own again.", Merged),
            ("told_apart", f"Somebody said that a {kind} is not another one like it.", Decided),
            ("brought_up_again", f"Somebody asked again whether a {kind} is another one like it.", Decided),
        )
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
