"""Signed-in sessions: a row on the server, a random id in the browser's cookie, only its hash in the store."""

import hashlib
import secrets
from datetime import timedelta

from crm.access import SYSTEM
from crm.store import Store, Writing

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)


def hashed(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


def begin(tx: Writing, user_id: int) -> str:
    """Start a session for someone who has proved who they are; the id for their cookie (256 bits)."""
    session_id = secrets.token_urlsafe(32)
    tx.run(
        "INSERT INTO base.sessions VALUES ($id_hash, $user_id, $now, $now)",
        id_hash=hashed(session_id),
        user_id=user_id,
        now=tx.now,
    )
    return session_id


def user_of(store: Store, id_hash: str) -> int | None:
    """Whose session this is, None where it is unknown, idle for too long, too old, or its user is disabled."""
    with store.reading(SYSTEM) as tx:
        found: int | None = tx.value(
            """
            SELECT session.user_id
            FROM base.sessions AS session
            JOIN base.users AS person ON person.id = session.user_id
            WHERE session.id_hash = $id_hash
              AND session.last_seen_at > $idle_since
              AND session.created_at > $oldest
              AND person.active
            """,
            id_hash=id_hash,
            idle_since=tx.now - IDLE,
            oldest=tx.now - LONGEST,
        )
    return found
