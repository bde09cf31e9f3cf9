"""The files that a record had at a past moment: those of now, and those that the log says were removed since."""

import json
from datetime import datetime

from pydantic import BaseModel

from crm.store import Reading


class PastFile(BaseModel, frozen=True):
    attachment_id: int
    file_name: str
    size: int
    """Size in bytes."""
    attached_at: datetime
    attached_by_name: str
    is_there: bool
    """Whether it is attached by now; the content of others may be gone."""


def files_as_of(tx: Reading, kind: str, record_id: int, moment: datetime) -> tuple[PastFile, ...]:
    """The files of a record at a moment, newest first. The caller has found the record."""
    asked = {"kind": kind, "record_id": record_id, "moment": moment}
    there = [PastFile(**row, is_there=True) for row in tx.rows(_THERE, **asked)]
    gone = [PastFile(**json.loads(row.pop("payload")), **row, is_there=False) for row in tx.rows(_GONE, **asked)]
    return tuple(sorted(there + gone, key=lambda one: (one.attached_at, one.attachment_id), reverse=True))


_THERE = """
    SELECT
        attachment.id AS attachment_id,
        upload.file_name,
        upload.size,
        attachment.created_at AS attached_at,
        coalesce(person.name, 'Mallard') AS attached_by_name
    FROM base.attachments AS attachment
    JOIN base.uploads AS upload ON upload.id = attachment.upload_id
    LEFT JOIN base.users AS person ON person.id = attachment.created_by
    WHERE attachment.subject_kind = $kind AND attachment.subject_id = $record_id AND attachment.created_at <= $moment
"""

_GONE = """
    SELECT
        attached.happened_at AS attached_at,
        attached.actor_name AS attached_by_name,
        removed.particulars AS payload
    FROM base.events AS removed
    JOIN base.events AS attached
        ON (attached.particulars->>'$.attachment_id') = (removed.particulars->>'$.attachment_id')
        AND attached.name = 'file.attached'
        AND attached.subject_kind = $kind
        AND attached.subject_id = $record_id
        AND attached.happened_at <= $moment
    WHERE removed.name = 'file.removed'
      AND removed.subject_kind = $kind
      AND removed.subject_id = $record_id
      AND removed.happened_at > $moment
"""
