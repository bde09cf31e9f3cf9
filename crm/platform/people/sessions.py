"""Signed-in sessions: a random id in the browser's cookie, and a row in the store with its hash."""

import hashlib
import secrets
import threading
from datetime import datetime, timedelta

from pydantic import BaseModel

from crm.foundation.access import SYSTEM
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.store import Reading, Store, Writing

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
CONFIRMED = timedelta(minutes=10)
"""How long a confirmation of identity lasts."""

_last_uses: dict[str, datetime] = {}
"""When each session was last used, until `write_last_uses` writes it: no page waits for the writer lock for that."""
_last_uses_guard = threading.Lock()


class Session(BaseModel, frozen=True):
    id_hash: str
    created_at: datetime
    last_seen_at: datetime


class StoredSession(BaseModel, frozen=True):
    """A session as it is stored, whether it is over by now or not."""

    created_at: datetime
    last_seen_at: datetime
    confirmed_at: datetime | None

    @property
    def confirmed_until(self) -> datetime | None:
        return None if self.confirmed_at is None else self.confirmed_at + CONFIRMED


def hashed(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


def begin(tx: Writing, user_id: int, *, confirmed: bool = True) -> str:
    """Start a session for an authenticated user; the id for their cookie (256 bits). `confirmed=False` where the
    identity provider may not have asked them just now."""
    session_id = secrets.token_urlsafe(32)
    # Only the hash: whoever reads a backup gets no session out of it.
    tx.run(
        """
        INSERT INTO base.sessions (id_hash, user_id, created_at, last_seen_at, confirmed_at)
        VALUES ($id_hash, $user_id, $now, $now, CASE WHEN $confirmed THEN $now END)
        """,
        id_hash=hashed(session_id),
        user_id=user_id,
        now=tx.now,
        confirmed=confirmed,
    )
    return session_id


def confirm(tx: Writing, id_hash: str) -> None:
    """Mark the identity as confirmed in this session of the actor's."""
    tx.run(
        "UPDATE base.sessions SET confirmed_at = $now WHERE id_hash = $id_hash AND user_id = $me",
        now=tx.now,
        id_hash=id_hash,
        me=tx.actor.id,
    )


def end(tx: Writing, id_hash: str) -> None:
    tx.run("DELETE FROM base.sessions WHERE id_hash = $id_hash", id_hash=id_hash)


def end_own(tx: Writing, id_hash: str) -> None:
    """End one of the actor's sessions. Raises NotFound for anybody else's."""
    found = tx.run(
        "DELETE FROM base.sessions WHERE id_hash = $id_hash AND user_id = $me", id_hash=id_hash, me=tx.actor.id
    )
    if not found:
        raise NotFound(tr("session"))
    tx.record("user.session_ended", "user", tx.actor.id)


def end_all(tx: Writing, user_id: int, *, but: str | None = None) -> None:
    """End every session of a user, except the one with the hash `but`."""
    tx.run(
        "DELETE FROM base.sessions WHERE user_id = $user_id AND id_hash IS DISTINCT FROM $but",
        user_id=user_id,
        but=but,
    )


def of_user(tx: Reading, user_id: int) -> list[Session]:
    """A user's valid sessions, newest first."""
    found = tx.rows(
        """
        SELECT id_hash, created_at, last_seen_at
        FROM base.sessions
        WHERE user_id = $user_id AND last_seen_at > $idle_since AND created_at > $oldest
        ORDER BY created_at DESC
        """,
        user_id=user_id,
        **_bounds(tx),
    )
    return [Session(**row) for row in found]


def is_current(tx: Reading, session: StoredSession) -> bool:
    """Whether the session is neither idle for too long nor too old."""
    bounds = _bounds(tx)
    return session.last_seen_at > bounds["idle_since"] and session.created_at > bounds["oldest"]


def note_use(tx: Reading, id_hash: str) -> None:
    """Note that the session is used now; `write_last_uses` writes it."""
    with _last_uses_guard:
        _last_uses[id_hash] = tx.now


def write_last_uses(store: Store) -> None:
    """Write the last use of sessions to the store, and delete expired ones. The server calls it once a minute."""
    with _last_uses_guard:
        last_uses = dict(_last_uses)
        _last_uses.clear()
    with store.reading(SYSTEM) as tx:
        # Read first: a write without effect would still take the lock and invalidate caches each minute.
        expired = tx.value(f"SELECT count(*) {_EXPIRED}", **_bounds(tx))
    if not last_uses and not expired:
        return
    with store.writing(SYSTEM) as tx:
        for id_hash, at in last_uses.items():
            tx.run("UPDATE base.sessions SET last_seen_at = $at WHERE id_hash = $id_hash", id_hash=id_hash, at=at)
        tx.run(f"DELETE {_EXPIRED}", **_bounds(tx))


_EXPIRED = "FROM base.sessions WHERE last_seen_at <= $idle_since OR created_at <= $oldest"


def _bounds(tx: Reading) -> dict[str, datetime]:
    return {"idle_since": tx.now - IDLE, "oldest": tx.now - LONGEST}
