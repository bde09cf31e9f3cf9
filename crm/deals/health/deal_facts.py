"""Reads what the health score needs of some deals: their columns, their activity and their checklists."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Self

from crm.store import Reading, Row
from crm.store.kept import kept


class DealFacts(NamedTuple):
    """Moments are microseconds since 1970, None where something never happened."""

    id: int
    stage_id: int
    has_people: bool
    """It has both a contact and an owner."""
    has_value: bool
    expected_close: date | None
    opened: int
    entered: int | None
    moved: int | None
    edited: int | None
    noted: int | None
    filed: int | None
    ticked: int | None
    pushes: int
    due: tuple[date | None, ...]
    """The due dates of its open checklist items, None for one without."""

    @classmethod
    def made(cls, deal: Row, items: Sequence[Row]) -> Self:
        """Of a deal's columns with `ACTIVITY`, and its checklist items with `due_on` and `done`, a moment."""
        return cls(
            id=deal["id"],
            stage_id=deal["stage_id"],
            has_people=deal["owner_id"] is not None and deal["contact_id"] is not None,
            has_value=bool(deal["value"]),
            expected_close=deal["expected_close"],
            opened=deal["opened"],
            entered=deal["entered"],
            moved=deal["moved"],
            edited=deal["edited"],
            noted=deal["noted"],
            filed=deal["filed"],
            ticked=max((item["done"] for item in items if item["done"] is not None), default=None),
            pushes=deal["pushes"] or 0,
            due=tuple(item["due_on"] for item in items if item["done"] is None),
        )


ACTIVITY = """
    epoch_us(deal.created_at) AS opened,
    epoch_us(activity.entered_at) AS entered,
    epoch_us(activity.moved_at) AS moved,
    epoch_us(activity.edited_at) AS edited,
    epoch_us(activity.noted_at) AS noted,
    epoch_us(activity.filed_at) AS filed,
    activity.pushes
"""
"""SQL of what a deal and its row of `base.deal_activity` say of its moments."""


@kept
def deal_facts(tx: Reading, ids: tuple[int, ...]) -> tuple[DealFacts, ...]:
    """Of those of the deals that are open and visible. Nothing of it depends on the moment."""
    # One deal is by far the most frequent, and an equality is planned faster than a list.
    if len(ids) == 1:
        rows = tx.rows(_FACTS.format(deals="= $id", activity="$id"), id=ids[0])
    else:
        rows = tx.rows(_FACTS.format(deals="IN (SELECT unnest($ids::BIGINT[]))", activity="deal.id"), ids=list(ids))
    return tuple(DealFacts(**{**row, "pushes": row["pushes"] or 0, "due": tuple(row["due"] or ())}) for row in rows)


_FACTS = f"""
    SELECT
        deal.id,
        deal.stage_id,
        deal.owner_id IS NOT NULL AND deal.contact_id IS NOT NULL AS has_people,
        coalesce(deal.value, 0) <> 0 AS has_value,
        deal.expected_close,
        {ACTIVITY},
        steps.ticked,
        steps.due
    FROM deals AS deal
    LEFT JOIN base.deal_activity AS activity ON activity.deal_id = {{activity}}
    LEFT JOIN (
        SELECT deal_id, max(epoch_us(done_at)) AS ticked, list(due_on) FILTER (done_at IS NULL) AS due
        FROM base.checklist_items
        WHERE deal_id {{deals}}
        GROUP BY deal_id
    ) AS steps ON steps.deal_id = deal.id
    WHERE deal.status = 'open' AND deal.id {{deals}}
"""
