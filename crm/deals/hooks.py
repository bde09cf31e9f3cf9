"""The hooks of the record type deal: what create and edit do beyond writing its fields."""

from collections.abc import Mapping
from typing import Any

from crm.deals import stage_rules
from crm.deals.arrivals import record_arrival
from crm.deals.rank import place
from crm.deals.record import Deal
from crm.deals.versions import note_change, note_first
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import Kind
from crm.pipelines import get as pipeline_of
from crm.store import Writing


def before_write(
    tx: Writing, before: Deal | None, fields: dict[str, Any], apart: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Before the write: refuse a typed value that contradicts the lines; place a new deal on top of its stage, by
    default the pipeline's first. Returns the extra columns."""
    if before is not None:
        _refuse_typed(before, fields)
        return {}
    pipeline = pipeline_of(tx, apart["pipeline_id"])
    stage_id = apart.get("stage_id")
    target = pipeline.stage(stage_id) if stage_id is not None else pipeline.open_stages[0]
    if target.kind is not Kind.OPEN:
        raise Invalid(tr("A new deal starts in an open stage; close it afterwards."), "stage_id")
    # Deal 0 is none yet: every deal of the stage counts as a neighbour.
    rank = place(tx, 0, target.id, None, None)
    return {"pipeline_id": target.pipeline_id, "stage_id": target.id, "rank": rank}


def follow_up(tx: Writing, before: Deal | None, after: Deal) -> None:
    """After the write: record the deal's version; for a new deal also check its stage's rules and record its first
    movement."""
    if before is not None:
        note_change(tx, before, after)
        return
    target = pipeline_of(tx, after.pipeline_id).stage(after.stage_id)
    stage_rules.require(tx, after.id, after.title, target)
    record_arrival(tx, after.id, target, None, "create")
    note_first(tx, after)
    # Last, over the visible view: what one creates and then could not see would be lost to oneself.
    if not tx.rows("SELECT id FROM deals WHERE id = $id", id=after.id):
        raise Invalid(tr("You would not see this deal: give it to yourself or to one of your teams."), "owner_id")


def _refuse_typed(deal: Deal, given: Mapping[str, Any]) -> None:
    """Raise Invalid where a given value or currency differs from that of the deal's lines."""
    if not deal.has_lines:
        return
    # The currency first: a new one brings the value along, rounded to it, which nobody typed.
    if "currency" in given and given["currency"] != deal.currency:
        raise Invalid(
            tr(
                "The lines of “{title}” are in {currency}. Its currency can be changed when none is left.",
                title=deal.title,
                currency=deal.currency,
            ),
            "currency",
        )
    if "value" in given and given["value"] != deal.value:
        raise Invalid(
            tr(
                "The value of “{title}” is the sum of its lines, {value:,f} {currency}. Change the lines.",
                title=deal.title,
                value=deal.value,
                currency=deal.currency,
            ),
            "value",
        )
