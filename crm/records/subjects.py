"""The subjects of notes, files and checklists: records given by the key of their type and their id."""

from typing import Any

from crm.foundation.access import Actor, Permission
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import tr
from crm.records import registry
from crm.records.declaration import RecordType, Trait
from crm.store import Reading, Row, Writing
from crm.store.kept import kept

LINKABLE = ("contact", "deal")
"""The types whose records can be linked to custom records."""
SUBJECT_TRAITS = (Trait.NOTES, Trait.FILES, Trait.CHECKLISTS)


def kinds(*traits: Trait) -> list[str]:
    """The keys of the types with one of these traits; by default of those with notes, files or checklists."""
    return [of.key for of in registry.types().values() if any(of.has(trait) for trait in traits or SUBJECT_TRAITS)]


def require_visible(tx: Reading, kind: str, record_id: int, *, what: str | None = None) -> None:
    """Raise NotFound where the actor may not see the record; `what` they asked for, where that is not the record."""
    if not _is_visible(tx, kind, record_id):
        raise NotFound(what or registry.get(kind).one)


def view(kind: str) -> str:
    """The view of the records of a kind that the actor sees."""
    return _of(kind).plural


def _is_visible(tx: Reading, kind: str, record_id: int) -> bool:
    if isinstance(tx, Writing):
        # Nothing is kept inside a change, and all columns of a deal take 1 ms longer to plan than its id.
        return bool(tx.rows(f"SELECT id FROM {view(kind)} WHERE id = $id", id=record_id))
    return visible_row(tx, view(kind), record_id) is not None


@kept
def visible_row(tx: Reading, view: str, record_id: int) -> Row | None:
    """A record's row in a view, None where it is not there: a page shows it, and what belongs to it asks whether it is
    visible."""
    return next(iter(tx.rows(f"SELECT * FROM {view} WHERE id = $id", id=record_id)), None)


def require_change(tx: Writing, kind: str, record_id: int) -> None:
    """Raise NotFound or Forbidden unless the actor sees the record and may change records of its kind."""
    of = _of(kind)
    tx.require(of.permission, of.module)
    require_visible(tx, kind, record_id)


def child_added(tx: Writing, trait: Trait, kind: str, record_id: int) -> None:
    """After a note or a file of a record was written: run the hook of its type."""
    _run_hook(tx, trait, kind, record_id, added=True)


def child_removed(tx: Writing, trait: Trait, kind: str, record_id: int) -> None:
    _run_hook(tx, trait, kind, record_id, added=False)


def _run_hook(tx: Writing, trait: Trait, kind: str, record_id: int, *, added: bool) -> None:
    hook = registry.get(kind).hooks.after_child
    if hook:
        hook(tx, trait, record_id, added)


def permission(kind: str) -> Permission:
    """The permission to change records of the kind, and their notes and files."""
    return registry.get(kind).permission


def is_administrator(actor: Actor) -> bool:
    return actor.may(Permission.MANAGE_SETTINGS)


def _of(kind: str) -> RecordType[Any]:
    if kind not in kinds():
        raise Invalid(
            tr("There is no kind of record “{kind}”: {kinds}.", kind=kind, kinds=", ".join(kinds())), "subject_kind"
        )
    return registry.get(kind)
