"""Signed-in sessions: a row on the server, a random id in the browser's cookie, only its hash in the store."""

import hashlib
import secrets
import threading
from datetime import datetime, timedelta

from pydantic import BaseModel

from crm.foundation.access import SYSTEM
from crm.foundation.errors import NotFound
from crm.store import Reading, Store, Writing

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
CONFIRMED = timedelta(minutes=10)
"""For so long after a proof of who one is nothing asks for another."""

_sightings: dict[str, datetime] = {}
"""When a session was last used, until `keep` writes it down: no page waits behind the writer lock for that."""
_sightings_guard = threading.Lock()


class Session(BaseModel, frozen=True):
    id_hash: str
    created_at: datetime
    last_seen_at: datetime


class Held(BaseModel, frozen=True):
    """Whose session it is, and until when its proof of who they are is fresh."""

    user_id: int
    confirmed_until: datetime | None


def hashed(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


def begin(tx: Writing, user_id: int, *, confirmed: bool = True) -> str:
    """Start a session for someone who has proved who they are; the id for their cookie (256 bits). Not `confirmed`
    where they need not have been asked just now."""
    session_id = secrets.token_urlsafe(32)
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
    """The actor has proved again, in this session of theirs, who they are."""
    tx.run(
        "UPDATE base.sessions SET confirmed_at = $now WHERE id_hash = $id_hash AND user_id = $me",
        now=tx.now,
        id_hash=id_hash,
        me=tx.actor.id,
    )


def end(tx: Writing, id_hash: str) -> None:
    tx.run("DELETE FROM base.sessions WHERE id_hash = $id_hash", id_hash=id_hash)


def end_own(tx: Writing, id_hash: str) -> None:
    """End one of the actor's own sessions; NotFound for anybody else's."""
    found = tx.run(
        "DELETE FROM base.sessions WHERE id_hash = $id_hash AND user_id = $me", id_hash=id_hash, me=tx.actor.id
    )
    if not found:
        raise NotFound("session")
    tx.record("user.session_ended", "user", tx.actor.id)


def end_all(tx: Writing, user_id: int, *, but: str | None = None) -> None:
    """End every session of a user, `but` the one with this hash."""
    tx.run(
        "DELETE FROM base.sessions WHERE user_id = $user_id AND id_hash IS DISTINCT FROM $but",
        user_id=user_id,
        but=but,
    )


def of_user(tx: Reading, user_id: int) -> list[Session]:
    """A user's sessions that are still good, newest first."""
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


def user_of(store: Store, id_hash: str, *, sighting: bool = True) -> int | None:
    held = find(store, id_hash, sighting=sighting)
    return held.user_id if held else None


def find(store: Store, id_hash: str, *, sighting: bool = True) -> Held | None:
    """Whose session this is, None where it is unknown, idle for too long, too old, or its user is disabled.

    With `sighting=False` the look does not count as use: an open page that waits for news is idle.
    """
    with store.reading(SYSTEM) as tx:
        found = tx.rows(
            """
            SELECT session.user_id, session.confirmed_at
            FROM base.sessions AS session
            JOIN base.users AS person ON person.id = session.user_id
            WHERE session.id_hash = $id_hash
              AND session.last_seen_at > $idle_since
              AND session.created_at > $oldest
              AND person.active
            """,
            id_hash=id_hash,
            **_bounds(tx),
        )
        if found and sighting:
            with _sightings_guard:
                _sightings[id_hash] = tx.now
    if not found:
        return None
    confirmed_at = found[0]["confirmed_at"]
    return Held(user_id=found[0]["user_id"], confirmed_until=None if confirmed_at is None else confirmed_at + CONFIRMED)


def keep(store: Store) -> None:
    """Write down which sessions were used, and drop those that are over. The server calls it once a minute."""
    with _sightings_guard:
        seen = dict(_sightings)
        _sightings.clear()
    with store.reading(SYSTEM) as tx:
        over = tx.value(f"SELECT count(*) {_OVER}", **_bounds(tx))
    if not seen and not over:
        return
    with store.writing(SYSTEM) as tx:
        for id_hash, at in seen.items():
            tx.run("UPDATE base.sessions SET last_seen_at = $at WHERE id_hash = $id_hash", id_hash=id_hash, at=at)
        tx.run(f"DELETE {_OVER}", **_bounds(tx))


_OVER = "FROM base.sessions WHERE last_seen_at <= $idle_since OR created_at <= $oldest"


def _bounds(tx: Reading) -> dict[str, datetime]:
    return {"idle_since": tx.now - IDLE, "oldest": tx.now - LONGEST}
