"""The one open store of this process: pages, API and worker all stand on it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from crm.foundation import logs
from crm.foundation.access import Actor
from crm.foundation.settings import Settings
from crm.store import Reading, Store

_store: Store | None = None
_seconds: float | None = None
_leaving: list[Callable[[], object]] = []


def start(settings: Settings) -> Store:
    """Open the store that the settings name, once; StoreRefused where it cannot be."""
    logs.keep_private()
    return _store or use(Store(settings.store), read_limit=settings.read_limit_seconds)


def use(store: Store, *, read_limit: float | None = None) -> Store:
    """Work with this store. `read_limit`: the seconds that one question of a page or a request may take."""
    global _store, _seconds
    _store, _seconds = store, read_limit
    return store


def store() -> Store:
    if _store is None:
        raise RuntimeError("no store is open in this process: start the product with `crm serve`")
    return _store


def reading(actor: Actor) -> AbstractContextManager[Reading]:
    """What a page or a request looks at: TooSlow beyond the limit. Exports, jobs and commands take what they need and
    ask the store itself."""
    return store().reading(actor, seconds=_seconds)


def read_limit() -> float | None:
    """The seconds that one question of a page or a request may take."""
    return _seconds


def before_leaving(call: Callable[[], object]) -> None:
    """Have this called when the process is told to end, before the server waits for what is still open."""
    _leaving.append(call)


def leave() -> None:
    while _leaving:
        _leaving.pop()()


def stop() -> None:
    global _store
    if _store is not None:
        _store.close()
        _store = None
