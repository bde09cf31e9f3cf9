"""Events of changes of many records: one event each, which the change feed expands to a row a record."""

from collections.abc import Iterator

from crm.records.event_types.model import EventType, Nothing, Payload, of_kind, of_kinds


class ImportBegun(Payload):
    kind: str
    file_name: str


class ValuesMapped(Payload):
    fields: list[str]


class Outcomes(Payload):
    total: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    conflicts: int


class ImportApplied(Outcomes):
    touched: list[str]
    """The kinds of record that it wrote."""
    made: dict[str, int]
    """Records of other kinds that it made on the way."""


class ImportUndone(Payload):
    touched: list[str]
    deleted: int
    restored: int
    left: int
    companies: int
    contacts: int
    labels: int = 0


class Failed(Payload):
    message: str


class BulkChangeMade(Payload):
    kind: str
    action: str
    becomes_name: str | None
    changed: int
    refused: int
    touched: list[str]


class BulkChangeUndone(Payload):
    kind: str
    put_back: int
    left: int
    touched: list[str]


class LinksOfMany(Payload):
    many: int
    touched: list[str]
    """The kinds of record on either side."""


class Scanned(Payload):
    kind: str
    found: int


class RunRequested(Payload):
    kind: str
    total: int


class PairsMarkedDistinct(Payload):
    kind: str
    pairs: int
    least_score: int
    reason: str | None


class ErasureBegun(Payload):
    contact_number: int


class SavedMapping(Payload):
    kind: str
    name: str


class RenamedMapping(Payload):
    kind: str
    changes: dict[str, tuple[str, str]]


def types() -> Iterator[EventType]:
    yield from of_kind(
        "import",
        ("begun", "An import was begun.", ImportBegun),
        ("planned", "A dry run ended.", Outcomes),
        ("values_mapped", "Values of a planned import were mapped, and it is planned anew.", ValuesMapped),
        ("confirmed", "An import is carried out after its dry run.", Nothing),
        ("applied", "An import wrote its records.", ImportApplied),
        ("failed", "An import failed, and nothing was written.", Failed),
        ("cancelled", "An import was cancelled.", Nothing),
        ("undo_asked", "An import is to be undone.", Nothing),
        ("undo_cancelled", "An import is not to be undone after all.", Nothing),
        ("undo_failed", "Undoing an import failed, and nothing was undone.", Failed),
        ("undone", "An import was undone.", ImportUndone),
    )
    yield from of_kind(
        "workspace",
        ("import.mapping_saved", "A mapping of columns was saved.", SavedMapping),
        ("import.mapping_renamed", "A saved mapping was renamed.", RenamedMapping),
        ("import.mapping_deleted", "A saved mapping was deleted.", SavedMapping),
        ("duplicates.told_apart", "Many pairs were said to be two.", PairsMarkedDistinct),
    )
    yield from of_kind(
        "bulk_change",
        ("made", "Many records were changed at once.", BulkChangeMade),
        ("undone", "A change of many records was undone.", BulkChangeUndone),
    )
    yield from of_kinds(
        ("bulk_change", "import"),
        ("links.added", "Many links were made at once.", LinksOfMany),
        ("links.removed", "Many links were removed at once.", LinksOfMany),
    )
    yield from of_kinds(
        ("duplicate_run",),
        ("duplicates.scan_asked", "A search for duplicates was asked for.", RunRequested),
        ("duplicates.merge_asked", "Many pairs are to be merged.", RunRequested),
        ("duplicates.unmerge_asked", "Many merges are to be undone.", RunRequested),
        ("duplicates.begun", "A run over duplicates began.", Nothing),
        ("duplicates.scanned", "A search for duplicates ended.", Scanned),
        ("duplicates.done", "A run over duplicates ended.", Nothing),
        ("duplicates.failed", "A run over duplicates failed.", Nothing),
        ("duplicates.cancelled", "A run over duplicates was cancelled.", Nothing),
    )
    yield from of_kind(
        "erasure",
        ("begun", "Somebody asked for a contact to be erased.", ErasureBegun),
        ("finished", "A contact is erased from the disk, too.", Nothing),
    )
