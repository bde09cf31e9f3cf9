"""Writing down when a token was last used, without making the request wait for the store's one writer."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from crm import clock, tokens
from crm.access import SYSTEM
from crm.store import Store
from crm.tokens import LAST_USE_GRAIN, Token

_clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="token-use")
_noted: dict[int, datetime] = {}


def note(store: Store, token: Token) -> "Future[None] | None":
    """Have it written down soon, at most once a minute a token; what is pending, None where nothing is."""
    now = clock.now()
    last = max(filter(None, (token.last_used_at, _noted.get(token.id))), default=None)
    if last is not None and last <= now < last + LAST_USE_GRAIN:
        return None
    _noted[token.id] = now
    return _clerk.submit(_write, store, token.id)


def _write(store: Store, token_id: int) -> None:
    with store.writing(SYSTEM) as tx:
        tokens.used(tx, token_id)
