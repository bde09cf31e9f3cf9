"""The stages of a pipeline in their order at a moment: a cohort is measured by the stages of its start."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel

from crm.deals.history import BROUGHT, PRESENT
from crm.store import Reading, Row


class Place(BaseModel, frozen=True):
    """A stage as it was then; one that was added later, as it was when it was added."""

    stage_id: int
    number: int
    """1 for the first open stage; Won has the last."""
    name: str
    is_won: bool
    held: bool
    """Whether it existed at that moment; else it was added later, or removed before."""
    removed: bool
    """Whether it has been removed by now."""
    name_now: str


def order_at(tx: Reading, pipeline_id: int, at: datetime) -> list[Place]:
    """Every open stage that the pipeline has or ever had, in order, then Won. One that did not exist at that moment
    comes after the stage that it followed when it did.

    For moments before the pipeline was first used (imported deals may be older), its order at the first use counts, not
    that of the minute of its creation, when people are still arranging it.
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
    # A cohort may be older than its pipeline, as imports bring it.
    at = max(at, _first_used(tx, pipeline_id, at))
    existing = _stages_at(versions, at)
    held, order = {row["stage_id"] for row in existing}, list(existing)
    for row in _others(versions, at, held):
        before = [stage["stage_id"] for stage in _stages_at(versions, row["happened_at"])]
        order.insert(_place_after(order, before[: before.index(row["stage_id"])]), row)
    # The sort is stable: Won goes to the end, the others keep their order.
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
    """When a deal first entered the pipeline, by a person or an import. Imported movements count as known when they
    happened, so for them the import's time counts."""
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
    # Never used: the order of now, which nothing comes after. Not the moment, or no answer could be kept.
    return used or PRESENT


def _stages_at(versions: Iterable[Row], at: datetime) -> list[Row]:
    """The stages that existed at the moment, in their last version by then, ordered by position."""
    last = {row["stage_id"]: row for row in versions if row["happened_at"] <= at}
    return sorted((row for row in last.values() if not row["removed"]), key=lambda row: row["position"])


def _others(versions: list[Row], at: datetime, held: set[int]) -> list[Row]:
    """The stages that did not exist at that moment, oldest first: those added later in their first version, those
    removed before in their last one."""
    first = {row["stage_id"]: row for row in reversed(versions) if not row["removed"]}
    last = {row["stage_id"]: row for row in versions if not row["removed"] and row["happened_at"] <= at}
    found = (first | last).values()
    return sorted((row for row in found if row["stage_id"] not in held), key=lambda row: row["happened_at"])


def _place_after(order: list[Row], before: list[int]) -> int:
    """The position after the nearest of the stages `before` that is in the order; 0 where none is."""
    places = {row["stage_id"]: place for place, row in enumerate(order)}
    return next((places[stage_id] + 1 for stage_id in reversed(before) if stage_id in places), 0)
