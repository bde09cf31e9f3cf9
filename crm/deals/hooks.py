"""What making and editing a deal does beyond its fields."""

from collections.abc import Mapping
from typing import Any

from crm.deals.rank import place
from crm.deals.record import Deal
from crm.deals.versions import note_change, note_each
from crm.foundation.errors import Invalid
from crm.pipelines import Kind, rules
from crm.pipelines import get as pipeline_of
from crm.pipelines.arrivals import record_arrival
from crm.store import Writing


def settle(tx: Writing, before: Deal | None, fields: dict[str, Any], apart: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lines rule over value and currency; a new deal stands on top of its stage, the pipeline's first where none is
    named."""
    if before is not None:
        _refuse_typed(before, fields)
        return {}
    pipeline = pipeline_of(tx, apart["pipeline_id"])
    stage_id = apart.get("stage_id")
    target = pipeline.stage(stage_id) if stage_id is not None else pipeline.open_stages[0]
    if target.kind is not Kind.OPEN:
        raise Invalid("A new deal starts in an open stage; close it afterwards.", "stage_id")
    rank = place(tx, 0, target.id, None, None)
    return {"pipeline_id": target.pipeline_id, "stage_id": target.id, "rank": rank}


def follow_up(tx: Writing, before: Deal | None, after: Deal) -> None:
    """The log of values over time; of a new deal, the rules of its stage and its first movement too."""
    if before is not None:
        note_change(tx, before, after)
        return
    target = pipeline_of(tx, after.pipeline_id).stage(after.stage_id)
    rules.require(tx, after.id, after.title, target)
    record_arrival(tx, after.id, target, None, "create")
    note_each(tx, "SELECT $id::BIGINT", id=after.id)
    if not tx.rows("SELECT id FROM deals WHERE id = $id", id=after.id):
        raise Invalid("You would not see this deal: give it to yourself or to one of your teams.", "owner_id")


def _refuse_typed(deal: Deal, given: Mapping[str, Any]) -> None:
    """Invalid where a value or currency is given that differs from what the lines of the deal say."""
    if not deal.has_lines:
        return
    if "value" in given and given["value"] != deal.value:
        raise Invalid(
            f"The value of “{deal.title}” is the sum of its lines, {deal.value:,f} {deal.currency}. Change the lines.",
            "value",
        )
    if "currency" in given and given["currency"] != deal.currency:
        raise Invalid(
            f"The lines of “{deal.title}” are in {deal.currency}. Its currency can be changed when none is left.",
            "currency",
        )
