"""Attachments of records. A file's type is determined by its content, never by its name."""

import mimetypes
from datetime import datetime
from pathlib import Path

import filetype
from pydantic import BaseModel

from crm.foundation import programs
from crm.foundation.access import Actor
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.foundation.language import tr
from crm.platform import files, pictures
from crm.records import subjects
from crm.records.declaration import Trait
from crm.store import Reading, Store, Writing
from crm.store.kept import kept

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SAME = {"image/apng": "image/png"}
"""Media types that count as another one: the thumbnail of an animated picture shows its first frame."""
PDF = "application/pdf"
UNKNOWN = "application/octet-stream"
TEXT = frozenset({"text/plain", "text/csv", "text/markdown", "application/json"})
"""Media types that are taken from the name, for files that contain only text."""
PROGRAMS = frozenset(
    {"application/x-msdownload", "application/x-executable", "application/vnd.microsoft.portable-executable"}
)
"""Told by their first two letters, which a text may have, too: what is a program, crm/foundation/programs.py says."""
_HEAD = 8192


class Attachment(BaseModel, frozen=True):
    id: int
    subject_kind: str
    subject_id: int
    upload_id: int
    file_name: str
    size: int
    """Size in bytes."""
    sha256: str
    media_type: str
    """The media type detected in the content."""
    created_by: int
    created_by_name: str
    created_at: datetime

    @property
    def is_image(self) -> bool:
        return self.media_type in IMAGES

    @property
    def is_pdf(self) -> bool:
        return self.media_type == PDF

    @property
    def has_preview(self) -> bool:
        return self.is_image or self.is_pdf


def media_type(path: Path, file_name: str) -> str:
    """The media type of the file's content. Raises Invalid for a program, and for a name that promises an image or PDF
    which the content is not. It reads the file: call it outside a transaction."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    guessed = filetype.guess(head)
    # filetype takes whatever begins with “MZ” for a program, a text too: `is_program` below reads further.
    detected = SAME.get(guessed.mime, str(guessed.mime)) if guessed and guessed.mime not in PROGRAMS else None
    expected = mimetypes.guess_type(file_name)[0] or UNKNOWN
    if programs.is_program(head):
        raise Invalid(tr(programs.WHY), "file")
    # A JPEG named .png is common and harmless: any picture passes under the name of any other.
    if expected in IMAGES | {PDF} and detected != expected and not (detected in IMAGES and expected in IMAGES):
        raise Invalid(
            tr(
                "“{file_name}” is not what its name says: its content is no {kind}.",
                file_name=file_name,
                kind=_type_name(expected),
            ),
            "file",
        )
    # A text has no signature: only the name tells CSV from Markdown. One with a NUL byte is none.
    if detected is None and expected in TEXT and b"\0" not in head:
        return expected
    return detected or UNKNOWN


@kept
def of(tx: Reading, kind: str, record_id: int) -> list[Attachment]:
    """The attachments of a record, newest first. Raises NotFound where the actor may not see it."""
    subjects.require_visible(tx, kind, record_id)
    return _found(tx, "subject_kind = $kind AND subject_id = $record_id", kind=kind, record_id=record_id)


def get(tx: Reading, attachment_id: int) -> Attachment:
    found = _found(tx, "attachment.id = $id", id=attachment_id)
    if not found:
        raise NotFound(tr("file"))
    # The refusal names the file, as if there were none: it must not tell that its record exists.
    subjects.require_visible(tx, found[0].subject_kind, found[0].subject_id, what=tr("file"))
    return found[0]


def attach(
    tx: Writing, kind: str, record_id: int, *, sha256: str, file_name: str, size: int, media_type: str
) -> Attachment:
    """Attach a file that `files.keep` has stored. The same content is stored once, however often it is attached."""
    subjects.require_change(tx, kind, record_id)
    if not size:
        raise Invalid(tr("The file is empty."), "file")
    upload = files.insert(tx, sha256=sha256, file_name=file_name, size=size)
    attachment_id = tx.insert(
        """
        INSERT INTO base.attachments (subject_kind, subject_id, upload_id, media_type, created_by, created_at)
        VALUES ($kind, $record_id, $upload_id, $media_type, $actor, $now)
        RETURNING id
        """,
        kind=kind,
        record_id=record_id,
        upload_id=upload.id,
        media_type=media_type,
        actor=tx.actor.id,
        now=tx.now,
    )
    subjects.child_added(tx, Trait.FILES, kind, record_id)
    tx.record("file.attached", kind, record_id, attachment_id=attachment_id, file_name=upload.file_name, size=size)
    return get(tx, attachment_id)


def remove(tx: Writing, attachment_id: int) -> None:
    """Remove an attachment. Who attached it may, and who manages settings."""
    attachment = get(tx, attachment_id)
    subjects.require_change(tx, attachment.subject_kind, attachment.subject_id)
    if not may_remove(tx.actor, attachment):
        raise Forbidden(
            tr(
                "Only {name}, who attached this file, or an administrator may remove it.",
                name=attachment.created_by_name,
            )
        )
    # The content stays: another upload may share it. Housekeeping deletes what nothing refers to.
    tx.run("DELETE FROM base.attachments WHERE id = $id", id=attachment_id)
    subjects.child_removed(tx, Trait.FILES, attachment.subject_kind, attachment.subject_id)
    tx.record(
        "file.removed",
        attachment.subject_kind,
        attachment.subject_id,
        attachment_id=attachment_id,
        file_name=attachment.file_name,
        size=attachment.size,
    )


def may_remove(actor: Actor, attachment: Attachment) -> bool:
    return actor.id == attachment.created_by or subjects.is_administrator(actor)


def path_of(store: Store, attachment: Attachment) -> Path:
    return files.folder(store) / attachment.sha256


def thumbnail(store: Store, attachment: Attachment) -> Path:
    """The thumbnail of a picture. Raises Invalid, with the reason, where there is none. Call it outside a
    transaction."""
    if not attachment.is_image:
        raise Invalid(tr("This file is no picture."), "file")
    if not path_of(store, attachment).is_file():
        raise NotFound(tr("content of this file"))
    return pictures.thumbnail(store, attachment.sha256)


def _type_name(media_type: str) -> str:
    return "PDF" if media_type == PDF else tr("{format} image", format=media_type.removeprefix("image/").upper())


def _found(tx: Reading, condition: str, **params: object) -> list[Attachment]:
    """Attachments by a condition. Reads `base.`: callers check that their record is visible."""
    rows = tx.rows(
        f"""
        SELECT
            attachment.*,
            upload.file_name,
            upload.size,
            upload.sha256,
            coalesce(person.name, 'Mallard') AS created_by_name
        FROM base.attachments AS attachment
        JOIN base.uploads AS upload ON upload.id = attachment.upload_id
        LEFT JOIN base.users AS person ON person.id = attachment.created_by
        WHERE {condition}
        ORDER BY attachment.created_at DESC, attachment.id DESC
        """,
        **params,
    )
    return [Attachment(**row) for row in rows]
