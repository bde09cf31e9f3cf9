"""Saves a row that was edited in the table of deals: fields, labels and stage, all or nothing."""

from collections.abc import Iterable
from typing import Any

from crm.deals.moving import move
from crm.deals.record import Deal
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
