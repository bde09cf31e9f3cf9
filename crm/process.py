"""The one open store of this process: pages, API and worker all stand on it."""

from collections.abc import Callable

from crm.settings import Settings
from crm.store import Store

_store: Store | None = None
_leaving: list[Callable[[], None]] = []


def start(settings: Settings) -> Store:
    """Open the store that the settings name, once; StoreRefused where it cannot be."""
    return _store or use(Store(settings.store))


def use(store: Store) -> Store:
    global _store
    _store = store
    return store


def store() -> Store:
    if _store is None:
        raise RuntimeError("no store is open in this process: start the product with `crm serve`")
    return _store


def before_leaving(call: Callable[[], None]) -> None:
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
