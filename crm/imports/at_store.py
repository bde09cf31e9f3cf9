"""Imports of the command line on the store itself, which no server has open."""

from pathlib import Path

from crm import imports
from crm.foundation import settings
from crm.foundation.access import SYSTEM, Source
from crm.imports import Import, Options, UndoPreview, UnreadPage, kept_plans
from crm.imports.run import run
from crm.imports.undoing import undo_job
from crm.platform import files
from crm.store import Store


class AtStore:
    def __init__(self, store: Store) -> None:
        self.store = store

    def close(self) -> None:
        kept_plans.clear(self.store)  # nobody applies them: the process ends
        self.store.close()

    def kind(self, word: str) -> str:
        """The plural of the type that the word names: also the slug of one of the team's own."""
        with self.store.reading(SYSTEM):
            return imports.type_of(word).plural

    def mappings(self, kind: str) -> dict[str, Options]:
        with self.store.reading(SYSTEM) as tx:
            return imports.mappings(tx, kind)

    def carry_out(self, kind: str, file: Path, options: Options) -> Import:
        return carry_out(self.store, kind, file, options)

    def rejected(self, import_id: int, limit: int) -> list[tuple[int, str]]:
        """line and reason of the first rejected rows."""
        with self.store.reading(SYSTEM) as tx:
            return [(row["line"], row["reason"]) for row in imports.rejected(tx, import_id, limit)]

    def rejected_csv(self, import_id: int) -> bytes:
        with self.store.reading(SYSTEM) as tx:
            return imports.rejected_csv(tx, import_id)

    def unread(self, import_id: int, limit: int) -> UnreadPage:
        with self.store.reading(SYSTEM) as tx:
            return imports.unread(tx, import_id, limit=limit)

    def unread_csv(self, import_id: int) -> bytes:
        with self.store.reading(SYSTEM) as tx:
            return imports.unread_csv(tx, import_id)

    def undo_preview(self, import_id: int) -> UndoPreview:
        with self.store.reading(SYSTEM) as tx:
            return imports.undo_preview(tx, import_id)

    def undo(self, import_id: int) -> Import:
        with self.store.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
            # No worker runs while the store is open here: what would be queued is done below.
            imports.undo(tx, import_id, queue=False)
        undo_job.run(self.store, import_id)
        with self.store.reading(SYSTEM) as tx:
            return imports.get(tx, import_id)


def carry_out(store: Store, kind: str, file: Path, options: Options) -> Import:
    """Store the file and import it at once, as the product itself. Invalid where it is larger than uploads may be."""
    limit = settings.load().upload_limit_mb * 2**20
    with file.open("rb") as source:
        sha256, size = files.keep(store, iter(lambda: source.read(1 << 20), b""), limit)
    with store.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
        upload = files.register(tx, sha256=sha256, file_name=file.name, size=size)
        # No worker runs while the store is open here: what would be queued is done below.
        begun = imports.begin(tx, kind, upload.id, options, queue=False)
    run(store, begun.id)
    with store.reading(SYSTEM) as tx:
        return imports.get(tx, begun.id)
