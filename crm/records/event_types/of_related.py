"""Events of a record's notes, files, checklists, lines, quotes and links."""

from collections.abc import Iterator
from datetime import date

from crm.records import registry
from crm.records.declaration import Trait
from crm.records.event_types.model import Changed, EventType, Payload, of_kind, of_kinds
from crm.records.links.model import SUBJECTS


class NoteText(Payload):
    note_id: int
    text: str


class NoteChanged(Changed):
    note_id: int


class NotePinned(Payload):
    note_id: int


class File(Payload):
    attachment_id: int
    file_name: str
    size: int


class Checklist(Payload):
    checklist_id: int
    checklist: str


class ChecklistApplied(Checklist):
    template_id: int


class ChecklistRenamed(Checklist, Changed):
    pass


class ChecklistRemoved(Checklist):
    text: str
    """Its items, a line each."""


class ChecklistArranged(Payload):
    order: list[tuple[int, list[int]]]
    """Each checklist with its items."""


class Item(Payload):
    item_id: int
    item: str


class ItemAdded(Item):
    checklist: str
    assignee_id: int | None


class ItemChanged(Item, Changed):
    pass


class LineAdded(Payload):
    line_id: int
    line_name: str
    said: str
    total: str
    currency: str


class LineChanged(Changed):
    line_id: int
    line_name: str


class LineRemoved(Payload):
    """All that the line was; events of old name the line and its total alone."""

    line_id: int
    line_name: str
    sku: str | None = None
    quantity: str | None = None
    unit_price: str | None = None
    discount_kind: str | None = None
    discount: str | None = None
    total: str


class LinesReordered(Payload):
    order: list[int]


class QuoteIssued(Payload):
    quote_id: int
    number: int
    total: str


class Linked(Payload):
    """What the record was linked to: a custom record, or a contact or a deal."""

    link_id: int
    linked_kind: str
    linked_id: int
    linked_name: str | None
    label: str | None
    linked_on: date | None


class LinkChanged(Changed):
    link_id: int
    linked_kind: str
    linked_id: int
    linked_name: str | None


def types() -> Iterator[EventType]:
    yield from of_kinds(
        _having(Trait.NOTES),
        ("note.added", "A note was written.", NoteText),
        ("note.changed", "The text of a note was changed.", NoteChanged),
        ("note.deleted", "A note was deleted.", NoteText),
        ("note.pinned", "A note was pinned.", NotePinned),
        ("note.unpinned", "A note was unpinned.", NotePinned),
    )
    yield from of_kinds(
        _having(Trait.FILES),
        ("file.attached", "A file was attached.", File),
        ("file.removed", "A file was removed.", File),
    )
    yield from of_kind(
        "deal",
        ("checklist.added", "A checklist was begun.", Checklist),
        ("checklist.applied", "A checklist was made from a template.", ChecklistApplied),
        ("checklist.renamed", "A checklist was renamed.", ChecklistRenamed),
        ("checklist.removed", "A checklist was removed.", ChecklistRemoved),
        ("checklist.arranged", "Checklists or items were put in another order.", ChecklistArranged),
        ("checklist.item_added", "An item was added to a checklist.", ItemAdded),
        ("checklist.item_changed", "An item of a checklist was changed.", ItemChanged),
        ("checklist.item_ticked", "An item of a checklist was ticked.", Item),
        ("checklist.item_unticked", "An item of a checklist is to be done again.", Item),
        ("checklist.item_removed", "An item was removed from a checklist.", Item),
        ("line.added", "A line was added.", LineAdded),
        ("line.changed", "A line was changed.", LineChanged),
        ("line.removed", "A line was removed.", LineRemoved),
        ("line.reordered", "Lines were put in another order.", LinesReordered),
        ("quote.issued", "A quote was made.", QuoteIssued),
    )

    yield from of_kinds(
        [*SUBJECTS, *registry.custom()],
        ("link.added", "A contact or deal was linked to a custom record.", Linked),
        ("link.changed", "The label or the day of a link was changed.", LinkChanged),
        ("link.removed", "A link was removed.", Linked),
    )


def _having(trait: Trait) -> list[str]:
    return [of.key for of in registry.having(trait)]
