"""What notes, files and the like hang on: a contact, a company or a deal, named by its kind and its id."""

from crm.foundation.access import Actor, Module, Permission
from crm.foundation.errors import Invalid, NotFound
from crm.store import Reading, Writing

_TABLES = {"contact": "contacts", "company": "companies", "deal": "deals"}
_MODULES = {"company": Module.COMPANIES, "deal": Module.CRM}
KINDS = tuple(_TABLES)


def require_visible(tx: Reading, kind: str, record_id: int, *, said: str | None = None) -> None:
    """NotFound where the actor may not see the record, of `said` where they asked for something on it."""
    if kind not in _TABLES:
        raise Invalid(f"There is no kind of record “{kind}”: {', '.join(KINDS)}.", "subject_kind")
    if not tx.rows(f"SELECT id FROM {_TABLES[kind]} WHERE id = $id", id=record_id):
        raise NotFound(said or kind)


def require_change(tx: Writing, kind: str, record_id: int) -> None:
    """Refuse unless the actor sees the record and may change records of its kind."""
    tx.require(permission(kind), _MODULES.get(kind))
    require_visible(tx, kind, record_id)


def permission(kind: str) -> Permission:
    return Permission.MANAGE_CRM if kind in ("deal", "order") else Permission.MANAGE_CONTACTS


def is_administrator(actor: Actor) -> bool:
    return actor.may(Permission.MANAGE_SETTINGS)
