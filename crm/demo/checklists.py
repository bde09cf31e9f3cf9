"""Templates of checklists, and one of them on a part of the deals: done where a deal was won, half done where it was
lost, and on open ones done so far, with the next steps due around today."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from crm.demo.opportunities import NewDeal
from crm.demo.phrases import CHECKLISTS, Step
from crm.foundation.language import tr
from crm.records import checklists
from crm.records.checklists import TemplateItem
from crm.store import Writing

SHARE = 0.4
"""The share of deals with a checklist."""


def write_checklists(tx: Writing, seed: int, deals: Sequence[NewDeal], midnight: datetime) -> None:
    """Write templates and checklists of deals that are in the store. A random generator of their own keeps the deals
    the same with and without them."""
    templates = [
        (tr(name), [step.model_copy(update={"text": tr(step.text)}) for step in steps])
        for name, steps in CHECKLISTS.items()
    ]
    for name, steps in templates:
        checklists.create_template(tx, name, [TemplateItem(**step.model_dump()) for step in steps])
    chance = random.Random(seed + 2)  # noqa: S311 — looks, not secrets
    won = {row["id"] for row in tx.rows("SELECT id FROM deals WHERE status = 'won'")}
    chosen = [(deal, *chance.choice(templates)) for deal in deals if chance.random() < SHARE]
    items = [item for deal, _, steps in chosen for item in _items(chance, deal, steps, midnight, is_won=deal.id in won)]
    lists = [
        {"deal_id": deal.id, "name": name, "by_id": deal.owner_id, "created_at": deal.created_at}
        for deal, name, _ in chosen
    ]
    tx.bulk("demo_checklists", pl.DataFrame(lists))
    tx.bulk("demo_items", pl.DataFrame(items, infer_schema_length=None))
    tx.run(
        """
        INSERT INTO base.checklists (deal_id, name, position, created_by, created_at)
        SELECT deal_id, name, 1, by_id, created_at FROM demo_checklists ORDER BY deal_id
        """
    )
    tx.run(
        """
        INSERT INTO base.checklist_items (
            checklist_id, deal_id, text, position, due_on, assignee_id, done_at, done_by, created_at
        )
        SELECT
            list.id, item.deal_id, item.text, item.position, item.due_on, item.assignee_id, item.done_at, item.done_by,
            item.created_at
        FROM demo_items AS item
        JOIN base.checklists AS list ON list.deal_id = item.deal_id
        ORDER BY item.deal_id, item.position
        """
    )


def _items(
    chance: random.Random, deal: NewDeal, steps: Sequence[Step], midnight: datetime, *, is_won: bool
) -> list[dict[str, Any]]:
    """In their order; what is done was done in turn, between the deal's beginning and its last movement."""
    span = deal.updated_at - deal.created_at
    done = len(steps) if is_won else chance.randrange(len(steps)) if span else 0
    late = timedelta(days=chance.randrange(-2, 8))
    assignee_id = deal.owner_id if chance.random() < 0.7 else None
    return [
        {
            "deal_id": deal.id,
            "text": step.text,
            "position": place,
            "due_on": _due(deal, steps, place, done, midnight + late),
            "assignee_id": assignee_id,
            "done_at": deal.created_at + span * place / (len(steps) + 1) if place <= done else None,
            "done_by": deal.owner_id if place <= done else None,
            "created_at": deal.created_at,
        }
        for place, step in enumerate(steps, 1)
    ]


def _due(deal: NewDeal, steps: Sequence[Step], place: int, done: int, next_on: datetime) -> Any:
    """As the template had it, but for what is still to be done on an open deal: that was put off until now."""
    step = steps[place - 1]
    if deal.closed_on or place <= done:
        return (deal.created_at + timedelta(days=step.due_days)).date()
    return (next_on + timedelta(days=step.due_days - steps[done].due_days)).date()
