"""The actor behind a session, asked for on every rerun and for every piece of work, so cached until a commit.

Only commits change who somebody is and what they may do, and this process makes all of them; only the session's own end
comes by time alone, so no entry is used for longer than `MAX_AGE`.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.foundation import clock
from crm.foundation.access import Actor, Source
from crm.platform.people import sessions, users
from crm.store import Store

MAX_AGE = timedelta(seconds=30)
MAX_ENTRIES = 2000


@dataclass(frozen=True)
class _CachedActor:
    store: Store
    version: int
    at: datetime
    actor: Actor


_cache: OrderedDict[str, _CachedActor] = OrderedDict()
_guard = threading.Lock()


def actor_of(store: Store, id_hash: str) -> Actor | None:
    """The actor of the session with this hash, None where it is over."""
    version, now = store.version, clock.now()  # before the read: what is committed during it makes the entry stale
    with _guard:
        known = _cache.get(id_hash)
    if known and known.store is store and known.version == version and now - known.at < MAX_AGE:
        return known.actor
    session = sessions.find(store, id_hash)
    if session is None:
        return None
    actor = users.actor(store, session.user_id, Source.PAGE, confirmed_until=session.confirmed_until)
    with _guard:
        _cache[id_hash] = _CachedActor(store, version, now, actor)
        _cache.move_to_end(id_hash)
        if len(_cache) > MAX_ENTRIES:
            _cache.popitem(last=False)
    return actor
