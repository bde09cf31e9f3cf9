"""Who is behind a session: asked on every rerun of a page and every request, so what is read for it is kept."""

from dataclasses import replace

from crm.foundation.access import SYSTEM, Actor
from crm.platform.people import sessions, users
from crm.platform.people.sessions import StoredSession
from crm.store import Reading, Store
from crm.store.kept import kept


def user_of(store: Store, id_hash: str, *, counts_as_use: bool = True) -> int | None:
    """As `actor_of`, the user's id alone."""
    found = actor_of(store, id_hash, counts_as_use=counts_as_use)
    return found.id if found else None


def actor_of(store: Store, id_hash: str, *, counts_as_use: bool = True) -> Actor | None:
    """The actor of the session with this hash; None where it is unknown, idle for too long, too old, or its user is
    disabled.

    With `counts_as_use=False` the lookup does not count as use: an open page that waits for live updates is idle.
    """
    with store.reading(SYSTEM) as tx:
        found = _actor_of(tx, id_hash)
        if found is None or not sessions.is_current(tx, found[1]):
            return None
        if counts_as_use:
            sessions.note_use(tx, id_hash)
    actor, session = found
    return replace(actor, confirmed_until=session.confirmed_until)


@kept
def _actor_of(tx: Reading, id_hash: str) -> tuple[Actor, StoredSession] | None:
    """The user of a session as an actor, and the session; None where it is unknown, or its user disabled."""
    found = tx.rows(
        "SELECT user_id, created_at, last_seen_at, confirmed_at FROM base.sessions WHERE id_hash = $id_hash",
        id_hash=id_hash,
    )
    if not found:
        return None
    actor = users.active_actor(tx, found[0].pop("user_id"))
    return (actor, StoredSession(**found[0])) if actor else None
