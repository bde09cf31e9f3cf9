"""Browsers in which a user signed in before, recognised by a random cookie of which only the hash is stored.

A known browser does not authenticate anybody: it only keeps others' guesses from locking its owner out.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from pydantic import BaseModel

from crm.foundation.access import SYSTEM
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.store import Reading, Store, Writing

LIFETIME = timedelta(days=180)
"""How long a browser stays known without a sign-in."""
MOST = 20
"""How many browsers of one user stay known, the last used ones."""


class KnownBrowser(BaseModel, frozen=True):
    token_hash: str
    created_at: datetime
    last_used_at: datetime


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def remember(tx: Writing, user_id: int, token: str | None) -> str:
    """Remember this browser for the user; the text for its cookie. Two users of one browser share the cookie."""
    if not token or not tx.value("SELECT count(*) FROM base.known_browsers WHERE token_hash = $h", h=hashed(token)):
        token = secrets.token_urlsafe(32)  # never adopt a token that we did not issue
    tx.run(
        """
        INSERT INTO base.known_browsers VALUES ($token_hash, $user_id, $now, $now)
        ON CONFLICT DO UPDATE SET last_used_at = excluded.last_used_at
        """,
        token_hash=hashed(token),
        user_id=user_id,
        now=tx.now,
    )
    tx.run(
        """
        DELETE FROM base.known_browsers
        WHERE user_id = $user_id AND (
            last_used_at < $oldest
            OR token_hash NOT IN (
                SELECT token_hash FROM base.known_browsers
                WHERE user_id = $user_id
                ORDER BY last_used_at DESC, token_hash
                LIMIT $most
            )
        )
        """,
        user_id=user_id,
        oldest=tx.now - LIFETIME,
        most=MOST,
    )
    return token


def emails_of(store: Store, token: str | None) -> frozenset[str]:
    """The email keys of the users who signed in with this browser before."""
    if not token:
        return frozenset()
    with store.reading(SYSTEM) as tx:
        found = tx.rows(
            """
            SELECT person.email_key
            FROM base.known_browsers AS browser
            JOIN base.users AS person ON person.id = browser.user_id
            WHERE browser.token_hash = $token_hash AND browser.last_used_at >= $oldest
            """,
            token_hash=hashed(token),
            oldest=tx.now - LIFETIME,
        )
    return frozenset(row["email_key"] for row in found)


def of_actor(tx: Reading) -> list[KnownBrowser]:
    """The actor's known browsers, last used first."""
    found = tx.rows(
        """
        SELECT token_hash, created_at, last_used_at
        FROM base.known_browsers
        WHERE user_id = $me AND last_used_at >= $oldest
        ORDER BY last_used_at DESC, token_hash
        """,
        me=tx.actor.id,
        oldest=tx.now - LIFETIME,
    )
    return [KnownBrowser(**row) for row in found]


def forget(tx: Writing, token_hash: str) -> None:
    """Forget one of the actor's browsers. Raises NotFound for anybody else's."""
    if not tx.run(
        "DELETE FROM base.known_browsers WHERE token_hash = $token_hash AND user_id = $me",
        token_hash=token_hash,
        me=tx.actor.id,
    ):
        raise NotFound(tr("browser"))
    tx.record("user.browser_forgotten", "user", tx.actor.id)


def forget_all(tx: Writing, user_id: int) -> None:
    tx.run("DELETE FROM base.known_browsers WHERE user_id = $user_id", user_id=user_id)
