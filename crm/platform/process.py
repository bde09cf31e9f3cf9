"""The one open store of this process, which pages, API and worker share."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from crm.foundation import logs
from crm.foundation.access import Actor
from crm.foundation.settings import Settings
from crm.store import Reading, Store

_store: Store | None = None
_read_limit: float | None = None
_shutdown_calls: list[Callable[[], object]] = []


def start(settings: Settings) -> Store:
    """Open the store of the settings, once. Raises StoreRefused where that fails."""
    logs.keep_private()
    return _store or use(Store(settings.store), read_limit=settings.read_limit_seconds)


def use(store: Store, *, read_limit: float | None = None) -> Store:
    """Use this store. `read_limit`: the seconds that the reads of one page or request may take."""
    global _store, _read_limit
    _store, _read_limit = store, read_limit
    return store


def store() -> Store:
    if _store is None:
        raise RuntimeError("no store is open in this process: start the product with `crm serve`")
    return _store


def reading(actor: Actor) -> AbstractContextManager[Reading]:
    """A snapshot for a page or a request, which raises TooSlow beyond the limit. Exports, jobs and commands have none
    and use the store directly."""
    return store().reading(actor, seconds=_read_limit)


def read_limit() -> float | None:
    """The seconds that the reads of one page or request may take, None for no limit."""
    return _read_limit


def before_leaving(call: Callable[[], object]) -> None:
    """Register a call for the shutdown, before the server waits for open connections."""
    _shutdown_calls.append(call)


def leave() -> None:
    while _shutdown_calls:
        _shutdown_calls.pop()()


def stop() -> None:
    global _store
    if _store is not None:
        _store.close()
        _store = None
