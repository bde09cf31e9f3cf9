"""Stopping an import that is at work, also while its one transaction holds the writer's place in the store.

The request is kept in this process, where the import is at work too: its transaction holds the writer's place, so the
store could take the request only once the import is done.
"""

from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.imports.verbs import get
from crm.store import Reading

_requested: set[int] = set()


class Cancelled(CrmError):
    """The import was cancelled while it was at work; nothing was written."""


def interrupt(tx: Reading, import_id: int) -> None:
    """Request that an import at work gives up before its next step. `cancel` says afterwards whether it did."""
    tx.require(Permission.IMPORT)
    if get(tx, import_id).at_work:
        _requested.add(import_id)


def heed(import_id: int) -> None:
    """Raise Cancelled where somebody has requested that this import stops."""
    if import_id in _requested:
        raise Cancelled


def forget(import_id: int) -> None:
    _requested.discard(import_id)
