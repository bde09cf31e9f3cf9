"""Starts an erasure, after a preview of what it removes, and reads its receipts."""

from crm.foundation.access import NOBODY, Permission
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import tr
from crm.platform import jobs
from crm.privacy.erasing import mentions, places
from crm.privacy.erasing import person as who
from crm.privacy.erasing.model import Erasure, Preview
from crm.privacy.erasing.person import Person
from crm.store import Reading, Writing

JOB = "erase"
SURE = "ERASE"
"""The word to type as confirmation."""


def preview(tx: Reading, contact_id: int) -> Preview:
    """What erasing the contact would remove. Contents of uploaded files are searched only by the erasure itself."""
    tx.require(Permission.MANAGE_SETTINGS)
    person = who.find(tx, contact_id)
    return Preview(
        contact_id=contact_id,
        shown_name=_shown_name(tx, contact_id),
        merged=len(person.ids) - 1,
        rows=_rows(tx, person, places.own(tx, "contact")),
        unlinked=_rows(tx, person, _unlinked()),
        events=_events(tx, person),
        mentions=mentions.count(tx, person.terms, "contact", person.ids),
        shared=person.shared,
        files=_files(tx, person),
        imports=_imports(tx, person),
        backups=backups_of(tx),
    )


def begin(tx: Writing, contact_id: int, *, sure: str) -> Erasure:
    """Start erasing a contact, deleted or not, for good; the worker does it next, and it cannot be undone. `sure` is
    the word ERASE. A second call returns the same erasure."""
    tx.require(Permission.MANAGE_SETTINGS)
    tx.require_confirmed()
    person = who.find(tx, contact_id)
    if sure != SURE:
        raise Invalid(tr("Type {word} to erase this contact for good.", word=SURE), "sure")
    queued = tx.value("SELECT id FROM base.erasures WHERE contact_number = $id AND state = 'queued'", id=person.ids[0])
    if queued:
        return get(tx, queued)
    erasure_id = tx.insert(
        """
        INSERT INTO base.erasures (contact_number, state, created_by, created_at)
        VALUES ($contact_id, 'queued', $actor, $now)
        RETURNING id
        """,
        contact_id=contact_id,
        actor=tx.actor.id,
        now=tx.now,
    )
    jobs.enqueue(tx, JOB, erasure_id)
    tx.record("erasure.begun", "erasure", erasure_id, contact_number=contact_id)
    return get(tx, erasure_id)


def get(tx: Reading, erasure_id: int) -> Erasure:
    tx.require(Permission.MANAGE_SETTINGS)
    found = _found(tx, "WHERE erasure.id = $id", id=erasure_id)
    if not found:
        raise NotFound(tr("receipt"))
    return found[0]


def receipts(tx: Reading, limit: int = 200) -> list[Erasure]:
    """The receipts, newest first."""
    tx.require(Permission.MANAGE_SETTINGS)
    return _found(tx, "ORDER BY erasure.id DESC LIMIT $limit", limit=limit)


def backups_of(tx: Reading) -> tuple[str, ...]:
    """The names of the existing backups."""
    return tuple(sorted(path.parent.name for path in (tx.folder / "backups").glob("*/crm.duckdb")))


def _found(tx: Reading, which: str, **params: object) -> list[Erasure]:
    # Receipts have no visible view: who may read them is checked by the verbs above.
    rows = tx.rows(
        f"""
        SELECT erasure.* EXCLUDE (files, imports), coalesce(person.name, 'Mallard') AS created_by_name
        FROM base.erasures AS erasure
        LEFT JOIN base.users AS person ON person.id = erasure.created_by AND person.id <> {NOBODY}
        {which}
        """,
        **params,
    )
    # A backup that was deleted since holds nobody: the receipt stops warning of it.
    existing = set(backups_of(tx))
    found = [Erasure(**row) for row in rows]
    return [
        erasure.model_copy(update={"backups": tuple(name for name in erasure.backups if name in existing)})
        for erasure in found
    ]


def _shown_name(tx: Reading, contact_id: int) -> str:
    return str(tx.value("SELECT coalesce(name, email, phone) FROM base.contacts WHERE id = $id", id=contact_id))


def _unlinked() -> dict[str, str]:
    return {table: f"$kind <> '' AND {column} {places.THEIRS}" for table, column in places.unlinked("contact").items()}


def _rows(tx: Reading, person: Person, conditions: dict[str, str]) -> dict[str, int]:
    counted = {
        table: int(
            tx.value(f"SELECT count(*) FROM base.{table} WHERE {condition}", kind="contact", ids=list(person.ids))
        )
        for table, condition in conditions.items()
    }
    return {table: rows for table, rows in counted.items() if rows}


def _events(tx: Reading, person: Person) -> int:
    return int(
        tx.value(
            """
            SELECT count(*) FROM base.events
            WHERE subject_kind = 'contact' AND subject_id IN (SELECT unnest($ids::BIGINT[]))
            """,
            ids=list(person.ids),
        )
    )


def _files(tx: Reading, person: Person) -> tuple[str, ...]:
    rows = tx.rows(
        """
        SELECT upload.file_name
        FROM base.attachments AS attachment
        JOIN base.uploads AS upload ON upload.id = attachment.upload_id
        WHERE attachment.subject_kind = 'contact' AND attachment.subject_id IN (SELECT unnest($ids::BIGINT[]))
        ORDER BY attachment.id
        """,
        ids=list(person.ids),
    )
    return tuple(row["file_name"] for row in rows)


def _imports(tx: Reading, person: Person) -> tuple[str, ...]:
    """The files of the imports that created or changed them."""
    rows = tx.rows(
        """
        SELECT DISTINCT upload.file_name, import.id
        FROM base.import_changes AS change
        JOIN base.imports AS import ON import.id = change.import_id
        JOIN base.uploads AS upload ON upload.id = import.upload_id
        WHERE change.subject_kind = 'contact' AND change.subject_id IN (SELECT unnest($ids::BIGINT[]))
        ORDER BY import.id
        """,
        ids=list(person.ids),
    )
    return tuple(row["file_name"] for row in rows)
