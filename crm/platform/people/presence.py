"""Who is behind a session: asked on every rerun of a page, so what is read for it is kept."""

from crm.foundation.access import Actor
from crm.foundation.errors import NotFound
from crm.platform.people import sessions, users
from crm.store import Store


def actor_of(store: Store, id_hash: str) -> Actor | None:
    """The actor of the session with this hash, None where it is over."""
    session = sessions.find(store, id_hash)
    if session is None:
        return None
    try:
        return users.actor(store, session.user_id, confirmed_until=session.confirmed_until)
    except NotFound:  # disabled since the session was read
        return None
