"""What waits for a person in the app: an import that ended, a deal given to them."""

from datetime import datetime

from pydantic import BaseModel

from crm import identity
from crm.store import Reading, Writing

KEPT = 200


class Notice(BaseModel, frozen=True):
    """`link` is a path of this product such as /imports?import=3."""

    id: int
    user_id: int
    created_at: datetime
    text: str
    link: str | None
    read_at: datetime | None


def leave(tx: Writing, user_id: int, text: str, link: str | None = None) -> None:
    """Leave a notice for a user. No permission is asked: a verb that was allowed tells whom it concerns."""
    notice_id = tx.insert(
        """
        INSERT INTO base.notices (user_id, created_at, text, link)
        VALUES ($user_id, $now, $text, $link)
        RETURNING id
        """,
        user_id=user_id,
        now=tx.now,
        text=identity.text(text, "notice"),
        link=link,
    )
    tx.record("notice.left", "notice", notice_id, user_id=user_id)


def of_actor(tx: Reading) -> list[Notice]:
    """The actor's own, newest first."""
    found = tx.rows("SELECT * FROM notices ORDER BY created_at DESC, id DESC LIMIT $kept", kept=KEPT)
    return [Notice(**row) for row in found]


def unread(tx: Reading) -> int:
    return int(tx.value("SELECT count(*) FROM notices WHERE read_at IS NULL"))


def mark_read(tx: Writing) -> None:
    """Mark all of the actor's own as read: their own affair, so the log does not keep it."""
    tx.run("UPDATE base.notices SET read_at = $now WHERE user_id = $me AND read_at IS NULL", now=tx.now, me=tx.actor.id)
