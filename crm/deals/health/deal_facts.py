"""Reads what the health score needs of some deals: their columns, their activity and their checklists."""

from datetime import date
from typing import NamedTuple

from crm.store import Reading
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


@kept
def deal_facts(tx: Reading, ids: tuple[int, ...]) -> tuple[DealFacts, ...]:
    """Of those of the deals that are open and visible. Nothing of it depends on the moment."""
    # One deal is by far the most frequent, and an equality is planned faster than a list.
    if len(ids) == 1:
        rows = tx.rows(_FACTS.format(deals="= $id"), id=ids[0])
    else:
        rows = tx.rows(_FACTS.format(deals="IN (SELECT unnest($ids::BIGINT[]))"), ids=list(ids))
    return tuple(DealFacts(**{**row, "pushes": row["pushes"] or 0, "due": tuple(row["due"] or ())}) for row in rows)


_FACTS = """
    SELECT
        deal.id,
        deal.stage_id,
        deal.owner_id IS NOT NULL AND deal.contact_id IS NOT NULL AS has_people,
        coalesce(deal.value, 0) <> 0 AS has_value,
        deal.expected_close,
        epoch_us(deal.created_at) AS opened,
        epoch_us(activity.entered_at) AS entered,
        epoch_us(activity.moved_at) AS moved,
        epoch_us(activity.edited_at) AS edited,
        epoch_us(activity.noted_at) AS noted,
        epoch_us(activity.filed_at) AS filed,
        steps.ticked,
        activity.pushes,
        steps.due
    FROM deals AS deal
    LEFT JOIN base.deal_activity AS activity ON activity.deal_id = deal.id
    LEFT JOIN (
        SELECT deal_id, max(epoch_us(done_at)) AS ticked, list(due_on) FILTER (done_at IS NULL) AS due
        FROM base.checklist_items
        WHERE deal_id {deals}
        GROUP BY deal_id
    ) AS steps ON steps.deal_id = deal.id
    WHERE deal.status = 'open' AND deal.id {deals}
"""
