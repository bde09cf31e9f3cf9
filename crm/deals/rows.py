"""One row of a table of deals, edited where it stands: fields, stage and labels in one go, or not at all."""

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
    """As `edit`, `set_labels` and `move` one after the other, so that the stage sees what the row then holds. Stale
    where somebody changed the deal after `version`."""
    deal = edit(tx, deal_id, version=version, **changes)
    if labels is not None:
        deal = set_labels(tx, deal_id, labels)
    if to_stage is not None and to_stage != deal.stage_id:
        deal = move(tx, deal_id, to_stage=to_stage)
    return deal
