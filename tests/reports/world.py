"""A random store: pipelines, deals and their histories, made in plain Python and laid into the tables as they are."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import polars as pl

from crm.store import Writing

ZONE = ZoneInfo("America/Sao_Paulo")
FIRST, TODAY = date(2026, 1, 1), date(2026, 6, 15)


@dataclass
class Stage:
    id: int
    pipeline: int
    position: int
    probability: Decimal
    kind: str
    removed: bool = False


@dataclass
class Event:
    """An arrival in a stage. `pipeline` is the stage's."""

    id: int
    deal: int
    pipeline: int
    stage: int
    at: datetime
    kind: str


@dataclass
class Deal:
    id: int
    value: Decimal | None
    currency: str
    owner: int | None
    team: int | None
    source: str | None
    expected: date | None
    created: datetime
    stage: Stage
    closed: date | None = None
    reason: int | None = None
    in_bin: bool = False
    events: list[Event] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.stage.kind


@dataclass
class World:
    stages: dict[int, Stage]
    deals: list[Deal]


def make(seed: int, owners: list[int], count: int = 120) -> World:
    """Two pipelines of four open stages, one of them removed."""
    random = Random(seed)
    stages: dict[int, Stage] = {}
    for pipeline in (1, 2):
        for position in range(1, 7):
            kind = "won" if position == 5 else "lost" if position == 6 else "open"
            chance = Decimal({"won": 100, "lost": 0}.get(kind, random.randrange(10000) / 100)).quantize(Decimal("0.01"))
            number = len(stages) + 1
            stages[number] = Stage(number, pipeline, position, chance, kind, removed=position == 3)
    world = World(stages, [])
    for number in range(1, count + 1):
        world.deals.append(_deal(number, random, stages, owners))
    for number, event in enumerate(sorted((e for d in world.deals for e in d.events), key=lambda e: (e.at, e.id)), 1):
        event.id = number
    return world


def _deal(number: int, random: Random, stages: dict[int, Stage], owners: list[int]) -> Deal:
    moment = _moment(random)
    deal = Deal(
        id=number,
        value=random.choice([None, Decimal(0), Decimal(random.randrange(1, 10**8)) / 100]),
        currency=random.choice(["BRL", "BRL", "BRL", "USD"]),
        owner=random.choice([None, *owners]),
        team=random.choice([None, 1, 2]),
        source=random.choice([None, "web", "fair"]),
        expected=random.choice([None, FIRST + timedelta(days=random.randrange(400))]),
        created=moment,
        stage=random.choice([stage for stage in stages.values() if stage.kind == "open"]),
        in_bin=random.random() < 0.05,
    )
    _arrive(deal, deal.stage, moment, "create")
    for _ in range(random.randrange(8)):
        moment += timedelta(hours=random.randrange(1, 600))
        if moment.astimezone(ZONE).date() > TODAY:
            break
        target = random.choice([stage for stage in stages.values() if stage.pipeline == deal.stage.pipeline])
        if random.random() < 0.1:
            target = random.choice([stage for stage in stages.values() if stage.kind == "open"])
        if target is not deal.stage:
            _arrive(deal, target, moment, _kind(deal, target))
    if deal.stage.removed:  # removing a stage moves the deals that stand in it
        first = next(stage for stage in stages.values() if stage.pipeline == deal.stage.pipeline)
        _arrive(deal, first, moment + timedelta(minutes=1), "move")
    if deal.status != "open":
        deal.closed = deal.events[-1].at.astimezone(ZONE).date()
        deal.reason = random.choice([None, 4, 5]) if deal.status == "lost" else None
    return deal


def _moment(random: Random) -> datetime:
    """Often a midnight of the workspace, where days and periods begin."""
    day = FIRST - timedelta(days=20) + timedelta(days=random.randrange((TODAY - FIRST).days + 20))
    if random.random() < 0.4:
        return datetime.combine(day, datetime.min.time(), ZONE).astimezone(UTC)
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=random.randrange(86400))


def _kind(deal: Deal, target: Stage) -> str:
    if target.kind != "open":
        return target.kind
    if deal.stage.kind != "open":
        return "reopen"
    return "move" if target.pipeline == deal.stage.pipeline else "pipeline"


def _arrive(deal: Deal, stage: Stage, at: datetime, kind: str) -> None:
    deal.events.append(Event(deal.id * 100 + len(deal.events), deal.id, stage.pipeline, stage.id, at, kind))
    deal.stage = stage


def lay(tx: Writing, world: World) -> None:
    """Write it as it is, past the verbs: a report must be right about any history."""
    for pipeline in (1, 2):
        tx.run(
            "INSERT INTO base.pipelines (id, name, position, created_at) VALUES ($id, $name, $id, $now)",
            id=pipeline,
            name=f"Pipeline {pipeline}",
            now=tx.now,
        )
    for stage in world.stages.values():
        tx.run(
            """
            INSERT INTO base.stages (id, pipeline_id, name, colour, position, probability, kind, deleted_at)
            VALUES ($id, $pipeline, $name, '#888888', $position, $probability, $kind, $deleted_at)
            """,
            id=stage.id,
            pipeline=stage.pipeline,
            name=f"Stage {stage.id}",
            position=stage.position,
            probability=stage.probability,
            kind=stage.kind,
            deleted_at=tx.now if stage.removed else None,
        )
    tx.bulk("new_deals", pl.DataFrame([_row(deal, tx.now) for deal in world.deals], infer_schema_length=None))
    tx.run("INSERT INTO base.deals BY NAME SELECT * FROM temp.new_deals")
    events = [
        {
            "id": event.id,
            "deal_id": event.deal,
            "pipeline_id": event.pipeline,
            "to_stage_id": event.stage,
            "happened_at": event.at,
            "by_id": 1,
            "kind": event.kind,
        }
        for deal in world.deals
        for event in deal.events
    ]
    tx.bulk("new_events", pl.DataFrame(events, infer_schema_length=None))
    tx.run("INSERT INTO base.stage_events BY NAME SELECT * FROM temp.new_events")


def _row(deal: Deal, now: datetime) -> dict[str, object]:
    return {
        "id": deal.id,
        "title": f"Deal {deal.id}",
        "pipeline_id": deal.stage.pipeline,
        "stage_id": deal.stage.id,
        "rank": deal.id,
        "manual_value": deal.value,
        "currency": deal.currency,
        "owner_id": deal.owner,
        "team_id": deal.team,
        "source": deal.source,
        "expected_close": deal.expected,
        "closed_on": deal.closed,
        "close_reason_id": deal.reason,
        "search": "",
        "created_at": deal.created,
        "updated_at": now,
        "deleted_at": now if deal.in_bin else None,
    }
