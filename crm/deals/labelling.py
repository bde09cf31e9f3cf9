"""Labels on deals: the same as those of contacts."""

from collections.abc import Iterable

from crm.deals.model import Deal, get
from crm.foundation.access import Module, Permission
from crm.records import labels
from crm.records.changes import differences
from crm.store import Writing


def set_labels(tx: Writing, deal_id: int, names: Iterable[str], *, version: int | None = None) -> Deal:
    """Put exactly these labels on the deal; those that do not exist yet are made."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    before = get(tx, deal_id, version=version)
    wanted = labels.made(tx, names)
    if {label.name for label in wanted} == set(before.labels):
        return before
    labels.put(tx, "deal", deal_id, wanted)
    tx.run("UPDATE base.deals SET updated_at = $now, version = version + 1 WHERE id = $id", now=tx.now, id=deal_id)
    after = get(tx, deal_id)
    tx.record("deal.labelled", "deal", deal_id, changes=differences(before, after))
    return after
