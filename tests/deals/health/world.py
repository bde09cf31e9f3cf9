"""Histories made by chance, and laid into a store as they are."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from crm.deals import activity
from crm.pipelines import Pipeline
from crm.store import Writing
from tests.deals.health.oracle import Arrival, History, Item, Stage, Version

DOORS = ("page", "api", "import", "system", "command line")


def stages(pipeline: Pipeline) -> dict[int, Stage]:
    return {one.id: Stage(one.id, one.kind.value, int(one.probability), one.limit_days) for one in pipeline.stages}


def histories(chance: random.Random, pipeline: Pipeline, now: datetime, many: int, *, days: int = 120) -> list[History]:
    """Deals that were opened within so many days."""
    return [_history(chance, pipeline, now, number, days) for number in range(1, many + 1)]


def _history(chance: random.Random, pipeline: Pipeline, now: datetime, number: int, days: int) -> History:
    """Moments lie on whole minutes, so that no two of them are told apart by what a database rounds."""
    minutes = timedelta(minutes=1)
    age = chance.randrange(2, days) * 1440

    def moment() -> datetime:
        return now - chance.randrange(1, age) * minutes

    made = History(number, now - age * minutes)
    open_stages = [stage.id for stage in pipeline.open_stages]
    way = chance.choices(open_stages, k=chance.randrange(0, 4))
    end = chance.choice([[], [], [pipeline.won.id], [pipeline.lost.id], [pipeline.won.id, open_stages[0]]])
    at = sorted(moment() for _ in [*way, *end])
    made.arrivals = [Arrival(open_stages[0], made.created_at, chance.random() < 0.7)] + [
        Arrival(stage_id, when, chance.random() < 0.7) for stage_id, when in zip([*way, *end], at, strict=True)
    ]
    close = (now + timedelta(days=chance.randrange(-40, 40))).date()
    made.versions = [_version(chance, close, made.created_at)] + [
        _version(chance, close + timedelta(days=chance.randrange(-5, 12)), when)
        for when in sorted(moment() for _ in range(chance.randrange(0, 7)))
    ]
    made.notes = [moment() for _ in range(chance.randrange(0, 2))]
    made.files = [moment() for _ in range(chance.randrange(0, 2))]
    made.items = [
        Item(
            chance.choice([None, (now + timedelta(days=chance.randrange(-9, 9))).date()]),
            chance.choice([None, moment()]),
            made.created_at,
        )
        for _ in range(chance.randrange(0, 3))
    ]
    return made


def _version(chance: random.Random, close: object, at: datetime) -> Version:
    return Version(
        value=chance.choice([None, Decimal(0), Decimal(5), Decimal(7)]),
        expected_close=chance.choice([None, close, close]),  # type: ignore[arg-type]
        owner_id=chance.choice([None, 1, 1]),
        has_contact=chance.random() < 0.7,
        at=at,
        door=chance.choice(DOORS),
    )


def lay(tx: Writing, pipeline: Pipeline, made: list[History], contact_id: int) -> None:
    deals = []
    for one in made:
        last, stage_id = one.versions[-1], one.arrivals[-1].stage_id
        deals.append(
            {
                "id": one.id,
                "stage_id": stage_id,
                "value": last.value,
                "owner_id": last.owner_id,
                "contact_id": contact_id if last.has_contact else None,
                "expected_close": last.expected_close,
                "closed": pipeline.stage(stage_id).kind.value != "open",
                "created_at": one.created_at,
            }
        )
    _pour(
        tx,
        deals,
        f"""
        INSERT INTO base.deals (
            id, title, pipeline_id, stage_id, rank, manual_value, currency, owner_id, contact_id, expected_close,
            closed_on, search, created_at, updated_at
        )
        SELECT id, 'D' || id, {pipeline.id}, stage_id, id, value, 'BRL', owner_id, contact_id, expected_close,
            CASE WHEN closed THEN created_at::DATE END, '', created_at, created_at
        FROM frame
        """,
    )
    arrivals = [
        {"deal_id": one.id, "stage_id": arrival.stage_id, "at": arrival.at, "by_hand": arrival.by_hand}
        for one in made
        for arrival in one.arrivals
    ]
    _pour(
        tx,
        arrivals,
        f"""
        INSERT INTO base.stage_events (deal_id, pipeline_id, to_stage_id, happened_at, known_at, by_id, kind, by_hand)
        SELECT
            deal_id,
            {pipeline.id},
            stage_id,
            "at",
            "at",
            1,
            CASE stage_id WHEN {pipeline.won.id} THEN 'won' WHEN {pipeline.lost.id} THEN 'lost' ELSE 'move' END,
            by_hand
        FROM frame
        """,
    )
    versions = [{"deal_id": one.id, **vars(version)} for one in made for version in one.versions]
    _pour(
        tx,
        versions,
        """
        INSERT INTO base.deal_versions (
            deal_id, value, currency, expected_close, owner_id, has_contact, happened_at, known_at, by_id, door
        )
        SELECT deal_id, value, 'BRL', expected_close, owner_id, has_contact, "at", "at", 1, door FROM frame
        """,
    )
    notes = [{"deal_id": one.id, "at": at} for one in made for at in one.notes]
    _pour(
        tx,
        notes,
        """
        INSERT INTO base.notes (subject_kind, subject_id, text, author_id, created_at, updated_at)
        SELECT 'deal', deal_id, 'n', 1, "at", "at" FROM frame
        """,
    )
    files = [{"deal_id": one.id, "at": at} for one in made for at in one.files]
    _pour(
        tx,
        files,
        """
        INSERT INTO base.attachments (subject_kind, subject_id, upload_id, media_type, created_by, created_at)
        SELECT 'deal', deal_id, 1, 'text/plain', 1, "at" FROM frame
        """,
    )
    activity.refill(tx)
    items = [{"deal_id": one.id, **vars(item)} for one in made for item in one.items]
    _pour(
        tx,
        items,
        """
        INSERT INTO base.checklist_items (checklist_id, deal_id, text, position, due_on, done_at, created_at)
        SELECT 1, deal_id, 'x', 1, due_on, done_at, created_at FROM frame
        """,
    )


def _pour(tx: Writing, rows: list[dict[str, object]], sql: str) -> None:
    if rows:
        tx.insert_frame(pl.DataFrame(rows, infer_schema_length=None), sql)
