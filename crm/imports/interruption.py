"""Stopping an import that is at work, also while its one transaction holds the writer's place in the store.

The wish is kept in this process, where the import is at work too: the store could not be told before it is done.
"""

from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.imports.verbs import get
from crm.store import Reading

_asked: set[int] = set()


class Cancelled(CrmError):
    """The import was cancelled while it was at work; nothing was written."""


def interrupt(tx: Reading, import_id: int) -> None:
    """Have an import at work give up before its next statement. `cancel` says afterwards whether it did."""
    tx.require(Permission.IMPORT)
    if get(tx, import_id).at_work:
        _asked.add(import_id)


def heed(import_id: int) -> None:
    """Cancelled where somebody wants this import to stop."""
    if import_id in _asked:
        raise Cancelled


def forget(import_id: int) -> None:
    _asked.discard(import_id)
