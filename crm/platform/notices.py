"""Notices in the app: a finished import, a deal assigned to the user."""

from datetime import datetime

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.errors import NotFound
from crm.foundation.language import later, tr
from crm.platform import personal
from crm.store import Reading, Writing
from crm.store.kept import kept

MOST_LISTED = 200


class Notice(BaseModel, frozen=True):
    """One notice of a user. `link` is a path of this product such as /imports?import=3. `kind`, `deal_id`, `by_id` (who
    did it) and `many` (how many deals) are set by crm.notifications."""

    id: int
    user_id: int
    created_at: datetime
    text: str
    link: str | None
    read_at: datetime | None
    kind: str | None = None
    deal_id: int | None = None
    by_id: int | None = None
    many: int = 1


def leave(
    tx: Writing,
    user_id: int,
    text: str,
    link: str | None = None,
    *,
    kind: str | None = None,
    deal_id: int | None = None,
    by_id: int | None = None,
    many: int = 1,
    in_app: bool = True,
    mail: str | None = None,
) -> None:
    """Leave a notice for a user. Checks no permission: the calling verb did. One with `in_app=False` is kept for the
    daily mail and counts as read."""
    notice_id = tx.insert(
        """
        INSERT INTO base.notices (
            user_id, created_at, text, link, read_at, kind, deal_id, by_id, many, in_app, mail, mailed_at
        )
        VALUES (
            $user_id, $now, $text, $link, CASE WHEN NOT $in_app THEN $now END, $kind, $deal_id, $by_id, $many, $in_app,
            $mail, CASE WHEN $mail = 'sent' THEN $now END
        )
        RETURNING id
        """,
        user_id=user_id,
        now=tx.now,
        text=identity.text(text, later("notice")),
        link=link,
        kind=kind,
        deal_id=deal_id,
        by_id=by_id,
        many=many,
        in_app=in_app,
        mail=mail,
    )
    tx.record("notice.left", "notice", notice_id, user_id=user_id)


@kept
def of_actor(tx: Reading, *, unread: bool = False) -> list[Notice]:
    """The actor's notices, newest first."""
    found = tx.rows(
        """
        SELECT * FROM notices
        WHERE read_at IS NULL OR NOT $unread
        ORDER BY created_at DESC, id DESC
        LIMIT $kept
        """,
        unread=unread,
        kept=MOST_LISTED,
    )
    return [Notice(**row) for row in found]


def unread(tx: Reading) -> int:
    return personal.read(tx).unread


def mark_read(tx: Writing, notice_id: int | None = None) -> None:
    """Mark one of the actor's notices as read, or all of them. It records no event. Raises NotFound for anybody
    else's."""
    if notice_id is not None and not tx.rows("SELECT id FROM notices WHERE id = $id", id=notice_id):
        raise NotFound(tr("notice"))
    tx.run(
        """
        UPDATE base.notices SET read_at = $now
        WHERE user_id = $me AND read_at IS NULL AND id = coalesce($id, id)
        """,
        now=tx.now,
        me=tx.actor.id,
        id=notice_id,
    )
