"""Saves a row that was edited in the table of deals: fields, labels and stage, all or nothing; and undoes that."""

from collections.abc import Iterable
from typing import Any

from crm.deals.declaration import DEAL
from crm.deals.moving import move
from crm.deals.record import Deal
from crm.deals.undoing import undo_move
from crm.deals.verbs import edit, set_labels
from crm.store import Writing


def edit_row(
    tx: Writing,
    /,
    deal_id: int,
    *,
    version: int | None = None,
    to_stage: int | None = None,
    labels: Iterable[str] | None = None,
    **changes: Any,
) -> Deal:
    """Edit, label and move a deal. Raises Stale where the deal was changed after `version`."""
    # Compared by the edit alone: what follows in this transaction raises the version itself.
    deal = edit(tx, deal_id, version=version, **changes)
    if labels is not None:
        deal = set_labels(tx, deal_id, labels)
    # Last: the rules of the stage may ask for what the edit has just filled in.
    if to_stage is not None and to_stage != deal.stage_id:
        deal = move(tx, deal_id, to_stage=to_stage)
    return deal


def undo_rows(tx: Writing, *rows: tuple[Deal, Deal]) -> None:
    """Undo what `edit_row` made of deals, of all or of none; each is given as it was before and after. Raises Stale
    where one was changed since, and what `undo_move` does."""
    for before, after in rows:
        changes = {key: getattr(before, key) for key in DEAL.edited if getattr(before, key) != getattr(after, key)}
        deal = edit(tx, after.id, version=after.version, **changes)
        if before.labels != after.labels:
            deal = set_labels(tx, deal.id, before.labels)
        # Last: it takes the deal to be as it was before, but for where it stands.
        if before.stage_id != after.stage_id:
            undo_move(tx, before, version=deal.version)
