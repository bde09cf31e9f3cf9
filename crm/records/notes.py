"""Notes on records: Markdown that the author may change, and that can be pinned on top."""

from datetime import datetime
from operator import attrgetter

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.access import Actor
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.foundation.language import later, tr
from crm.records import subjects
from crm.records.declaration import Trait
from crm.store import Reading, Writing
from crm.store.kept import kept

LONGEST = 20_000


class Note(BaseModel, frozen=True):
    id: int
    subject_kind: str
    subject_id: int
    text: str
    """Markdown."""
    pinned: bool
    author_id: int
    author_name: str
    created_at: datetime
    updated_at: datetime
    version: int


@kept
def of(tx: Reading, kind: str, record_id: int) -> list[Note]:
    """The notes of a record, pinned ones first, then the newest. Raises NotFound where the actor may not see it."""
    subjects.require_visible(tx, kind, record_id)
    return _found(tx, "note.subject_kind = $kind AND note.subject_id = $record_id", kind=kind, record_id=record_id)


@kept
def pinned(tx: Reading, kind: str, record_id: int) -> tuple[Note, ...]:
    """The pinned notes of a record, which the caller has found through a visible view; the newest first."""
    condition = "note.subject_kind = $kind AND note.subject_id = $record_id AND note.pinned"
    return tuple(_found(tx, condition, kind=kind, record_id=record_id))


def get(tx: Reading, note_id: int, *, version: int | None = None) -> Note:
    """A note. Raises NotFound where the actor may not see its record, Stale where it was changed after `version`."""
    found = _found(tx, "note.id = $id", id=note_id)
    if not found:
        raise NotFound(tr("note"))
    note = found[0]
    subjects.require_visible(tx, note.subject_kind, note.subject_id, what=tr("note"))
    if version is not None and version != note.version:
        raise Stale(
            tr("Somebody changed this note since you opened it. Look at it, then try again."),
            known_version=version,
            current=note.model_dump(),
        )
    return note


def add(tx: Writing, kind: str, record_id: int, text: str, *, pinned: bool = False) -> Note:
    subjects.require_change(tx, kind, record_id)
    stored_text = _checked(text)
    # The record gets no new version: a note must not make anybody's open form stale.
    note_id = tx.insert(
        """
        INSERT INTO base.notes (subject_kind, subject_id, text, pinned, author_id, created_at, updated_at)
        VALUES ($kind, $record_id, $text, $pinned, $author, $now, $now)
        RETURNING id
        """,
        kind=kind,
        record_id=record_id,
        text=stored_text,
        pinned=pinned,
        author=tx.actor.id,
        now=tx.now,
    )
    subjects.child_added(tx, Trait.NOTES, kind, record_id)
    tx.record("note.added", kind, record_id, note_id=note_id, text=stored_text)
    return get(tx, note_id)


def edit(tx: Writing, note_id: int, text: str, *, version: int | None = None) -> Note:
    """Change a note's text. Only its author may; the record's history keeps the former text."""
    note = get(tx, note_id, version=version)
    subjects.require_change(tx, note.subject_kind, note.subject_id)
    if not may_edit(tx.actor, note):
        raise Forbidden(tr("Only {name}, who wrote this note, may change it.", name=note.author_name))
    stored_text = _checked(text)
    if stored_text == note.text:
        return note
    tx.run(
        """
        UPDATE base.notes SET text = $text, updated_at = $now, version = version + 1
        WHERE id = $id AND subject_id = $subject_id
        """,
        text=stored_text,
        now=tx.now,
        id=note_id,
        subject_id=note.subject_id,
    )
    tx.record(
        "note.changed", note.subject_kind, note.subject_id, note_id=note_id, changes={"text": [note.text, stored_text]}
    )
    return get(tx, note_id)


def pin(tx: Writing, note_id: int) -> Note:
    return _set_pinned(tx, note_id, True)


def unpin(tx: Writing, note_id: int) -> Note:
    return _set_pinned(tx, note_id, False)


def delete(tx: Writing, note_id: int, *, version: int | None = None) -> None:
    """Delete a note. Its author may, and who manages settings; the record's history keeps the text."""
    note = get(tx, note_id, version=version)
    subjects.require_change(tx, note.subject_kind, note.subject_id)
    if not may_delete(tx.actor, note):
        raise Forbidden(
            tr(
                "Only {name}, who wrote this note, or an administrator may delete it.",
                name=note.author_name,
            )
        )
    tx.run("DELETE FROM base.notes WHERE id = $id AND subject_id = $subject_id", id=note_id, subject_id=note.subject_id)
    subjects.child_removed(tx, Trait.NOTES, note.subject_kind, note.subject_id)
    tx.record("note.deleted", note.subject_kind, note.subject_id, note_id=note_id, text=note.text)


def may_edit(actor: Actor, note: Note) -> bool:
    return actor.id == note.author_id


def may_delete(actor: Actor, note: Note) -> bool:
    return may_edit(actor, note) or subjects.is_administrator(actor)


def _set_pinned(tx: Writing, note_id: int, pinned: bool) -> Note:
    note = get(tx, note_id)
    subjects.require_change(tx, note.subject_kind, note.subject_id)
    if note.pinned == pinned:
        return note
    tx.run(
        "UPDATE base.notes SET pinned = $pinned WHERE id = $id AND subject_id = $subject_id",
        pinned=pinned,
        id=note_id,
        subject_id=note.subject_id,
    )
    tx.record(f"note.{'pinned' if pinned else 'unpinned'}", note.subject_kind, note.subject_id, note_id=note_id)
    return get(tx, note_id)


def _checked(text: str) -> str:
    checked = identity.text(text.strip(), later("note"), limit=LONGEST)
    if not checked:
        raise Invalid(tr("A note needs a text."), "text")
    return checked


def _found(tx: Reading, condition: str, **params: object) -> list[Note]:
    """Notes by a condition. Reads `base.`: callers check that the notes' record is visible."""
    rows = tx.rows(
        f"""
        SELECT note.*, coalesce(author.name, 'Mallard') AS author_name
        FROM base.notes AS note
        LEFT JOIN base.users AS author ON author.id = note.author_id
        WHERE {condition}
        """,
        **params,
    )
    # Sorted here: the engine takes longer to plan a sort of a few rows than to read them.
    return sorted((Note(**row) for row in rows), key=attrgetter("pinned", "created_at", "id"), reverse=True)
