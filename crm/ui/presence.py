"""Who is behind a session: asked on every rerun and for every piece of work, so the answer is kept until a commit.

Only commits change who somebody is and what they may do, and this process makes all of them; only the session's own
end comes by time alone, so no answer is kept for longer than `KEPT`.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.foundation import clock
from crm.foundation.access import Actor, Source
from crm.platform.people import sessions, users
from crm.store import Store

KEPT = timedelta(seconds=30)
MOST = 2000


@dataclass(frozen=True)
class _Answer:
    store: Store
    version: int
    at: datetime
    actor: Actor


_answers: OrderedDict[str, _Answer] = OrderedDict()
_guard = threading.Lock()


def actor_of(store: Store, id_hash: str) -> Actor | None:
    """Whom this session belongs to, None where it is over."""
    version, now = store.version, clock.now()  # before the look: what is committed during it makes the answer old
    with _guard:
        known = _answers.get(id_hash)
    if known and known.store is store and known.version == version and now - known.at < KEPT:
        return known.actor
    held = sessions.find(store, id_hash)
    if held is None:
        return None
    actor = users.actor(store, held.user_id, Source.PAGE, confirmed_until=held.confirmed_until)
    with _guard:
        _answers[id_hash] = _Answer(store, version, now, actor)
        _answers.move_to_end(id_hash)
        if len(_answers) > MOST:
            _answers.popitem(last=False)
    return actor
