"""The stages of a pipeline in the order that held at a moment: what a cohort that began then is measured by."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel

from crm.deals.history import BROUGHT
from crm.store import Reading, Row


class Place(BaseModel, frozen=True):
    """A stage as it was then; one that came later is as it was when it came."""

    stage_id: int
    number: int
    """1 for the first open stage; Won has the last."""
    name: str
    is_won: bool
    held: bool
    """Whether it was in the order of that moment; else it came later, or was removed before."""
    removed: bool
    """By now."""
    name_now: str


def order_at(tx: Reading, pipeline_id: int, at: datetime) -> list[Place]:
    """Every open stage that the pipeline has or ever had, in order, then Won. One that is not in the order of that
    moment stands after the stage that it followed when it was there.

    A past that was imported is older than the pipeline: it has the order in which the pipeline was first used, not that
    of the minute in which it was made.
    """
    versions = tx.rows(
        """
        SELECT stage_id, name, position, kind, removed, happened_at
        FROM base.stage_versions
        WHERE pipeline_id = $pipeline_id AND kind <> 'lost'
        ORDER BY id
        """,
        pipeline_id=pipeline_id,
    )
    at = max(at, _first_used(tx, pipeline_id, at))
    then = _stages_at(versions, at)
    held, order = {row["stage_id"] for row in then}, list(then)
    for row in _others(versions, at, held):
        before = [one["stage_id"] for one in _stages_at(versions, row["happened_at"])]
        order.insert(_place_after(order, before[: before.index(row["stage_id"])]), row)
    order.sort(key=lambda row: row["kind"] == "won")
    now = {row["stage_id"]: row for row in versions}
    return [
        Place(
            stage_id=row["stage_id"],
            number=number,
            name=row["name"],
            is_won=row["kind"] == "won",
            held=row["stage_id"] in held,
            removed=now[row["stage_id"]]["removed"],
            name_now=now[row["stage_id"]]["name"],
        )
        for number, row in enumerate(order, 1)
    ]


def _first_used(tx: Reading, pipeline_id: int, at: datetime) -> datetime:
    """When a deal first came into the pipeline, by a person or in a file: what a file tells counts as known when it
    happened, so the import says when it came."""
    created_at: datetime = tx.value("SELECT created_at FROM base.pipelines WHERE id = $id", id=pipeline_id)
    if at >= created_at:
        return created_at
    used: datetime | None = tx.value(
        f"""
        SELECT min(used_at)
        FROM (
            SELECT known_at AS used_at
            FROM base.stage_events
            WHERE pipeline_id = $id AND known_at >= $created_at
            UNION ALL
            SELECT told_at
            FROM ({BROUGHT})
            WHERE deal_id = (  -- the first to come: 3 ms where joining all of them takes 23, of 200,000 deals
                SELECT min(deal_id) FROM base.stage_events WHERE pipeline_id = $id AND known_at < $created_at
            )
        )
        """,
        id=pipeline_id,
        created_at=created_at,
    )
    return used or max(created_at, tx.now)


def _stages_at(versions: Iterable[Row], at: datetime) -> list[Row]:
    """The last version of each stage by then, of those that were there, by their position."""
    last = {row["stage_id"]: row for row in versions if row["happened_at"] <= at}
    return sorted((row for row in last.values() if not row["removed"]), key=lambda row: row["position"])


def _others(versions: list[Row], at: datetime, held: set[int]) -> list[Row]:
    """The stages that did not stand at that moment, the oldest first: one that came later as it came, one that was
    removed before as it last was."""
    first = {row["stage_id"]: row for row in reversed(versions) if not row["removed"]}
    last = {row["stage_id"]: row for row in versions if not row["removed"] and row["happened_at"] <= at}
    found = (first | last).values()
    return sorted((row for row in found if row["stage_id"] not in held), key=lambda row: row["happened_at"])


def _place_after(order: list[Row], before: list[int]) -> int:
    """Behind the nearest of the stages `before` that is in the order; at the front where none is."""
    places = {row["stage_id"]: place for place, row in enumerate(order)}
    return next((places[stage_id] + 1 for stage_id in reversed(before) if stage_id in places), 0)
