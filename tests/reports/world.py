"""A random store: pipelines, deals and their histories, made in plain Python and laid into the tables as they are."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
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
    """An arrival in a stage. `pipeline` is the stage's. A closing keeps the deal as it was then, and its day."""

    id: int
    deal: int
    pipeline: int
    stage: int
    at: datetime
    known: datetime
    kind: str
    closed: date | None = None
    deal_then: "Deal | None" = None


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

    @property
    def counted(self) -> "Deal":
        """As reports count it: closed, it is as it was when it closed."""
        then = self.events[-1].deal_then
        return self if then is None else replace(self, **{name: getattr(then, name) for name in KEPT})


KEPT = ("value", "currency", "owner", "team")


@dataclass
class Order:
    """From a moment on, the open stages of a pipeline by number, in order."""

    since: datetime
    pipeline: int
    stages: list[int]


@dataclass
class World:
    stages: dict[int, Stage]
    deals: list[Deal]
    orders: list[Order] = field(default_factory=list)
    """Oldest first."""


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
    world = World(stages, [], _orders(random))
    for number in range(1, count + 1):
        world.deals.append(_deal(number, random, stages, owners))
    for number, event in enumerate(sorted((e for d in world.deals for e in d.events), key=lambda e: (e.at, e.id)), 1):
        event.id = number
    return world


def _orders(random: Random) -> list[Order]:
    """Each pipeline begins with one stage less, is put in another order twice, and loses its third stage."""
    found = []
    for pipeline in (1, 2):
        base = (pipeline - 1) * 6
        own = [base + place for place in (1, 2, 3, 4)]
        day = FIRST - timedelta(days=60)
        late = random.choice([own[1], own[3]])
        orders = [[one for one in own if one != late], random.sample(own, 4), random.sample(own, 4)]
        orders += [[one for one in orders[-1] if one != own[2]]]
        for order in orders:
            found.append(Order(datetime.combine(day, datetime.min.time(), ZONE).astimezone(UTC), pipeline, order))
            day += timedelta(days=random.randrange(40, 60))
    return sorted(found, key=lambda order: order.since)


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
            _arrive(deal, target, moment, _kind(deal, target), random.randrange(3))
            _alter(deal, random)
    if deal.stage.removed:  # removing a stage moves the deals that stand in it
        first = next(stage for stage in stages.values() if stage.pipeline == deal.stage.pipeline)
        _arrive(deal, first, moment + timedelta(minutes=1), "move")
    if deal.status != "open":
        deal.closed = deal.events[-1].closed
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


def _alter(deal: Deal, random: Random) -> None:
    """Sometimes it is worth something else afterwards, or somebody else's."""
    if random.random() < 0.3:
        deal.value = random.choice([None, Decimal(random.randrange(1, 10**8)) / 100])
    if random.random() < 0.1:
        deal.currency = random.choice(["BRL", "USD"])
    if random.random() < 0.3:
        deal.owner, deal.team = random.choice([None, deal.owner]), random.choice([None, 1, 2])


def _arrive(deal: Deal, stage: Stage, known: datetime, kind: str, days_ago: int = 0) -> None:
    """A closing may be of an earlier day, down to that of the last event: it happened at the end of it."""
    event = Event(deal.id * 100 + len(deal.events), deal.id, stage.pipeline, stage.id, known, known, kind)
    if stage.kind != "open":
        today, last = known.astimezone(ZONE).date(), deal.events[-1].at.astimezone(ZONE).date()
        event.closed = max(today - timedelta(days=days_ago), last)
        event.deal_then = replace(deal)
        if event.closed < today:
            midnight = datetime.combine(event.closed + timedelta(days=1), datetime.min.time(), ZONE)
            event.at = max(midnight.astimezone(UTC) - timedelta(microseconds=1), deal.events[-1].at)
    deal.events.append(event)
    deal.stage = stage


def lay(tx: Writing, world: World) -> None:
    """Write it as it is, past the verbs: a report must be right about any history."""
    for pipeline in (1, 2):
        tx.run(
            "INSERT INTO base.pipelines (id, name, position, created_at) VALUES ($id, $name, $id, $made)",
            id=pipeline,
            name=f"Pipeline {pipeline}",
            made=world.orders[0].since,
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
    tx.bulk("new_versions", pl.DataFrame(_stage_versions(world), infer_schema_length=None))
    tx.run("INSERT INTO base.stage_versions BY NAME SELECT * FROM temp.new_versions")
    tx.bulk("new_deals", pl.DataFrame([_row(deal, tx.now) for deal in world.deals], infer_schema_length=None))
    tx.run("INSERT INTO base.deals BY NAME SELECT * FROM temp.new_deals")
    events = [
        {
            "id": event.id,
            "deal_id": event.deal,
            "pipeline_id": event.pipeline,
            "from_stage_id": before.stage if before else None,
            "to_stage_id": event.stage,
            "happened_at": event.at,
            "known_at": event.known,
            "by_id": 1,
            "kind": event.kind,
            "closed_on": event.closed,
            "value": event.deal_then.value if event.deal_then else None,
            "currency": event.deal_then.currency if event.deal_then else None,
            "owner_id": event.deal_then.owner if event.deal_then else None,
            "team_id": event.deal_then.team if event.deal_then else None,
            "close_reason_id": deal.reason if event is deal.events[-1] else None,
        }
        for deal in world.deals
        for before, event in pairwise([None, *deal.events])
        if event
    ]
    tx.bulk("new_events", pl.DataFrame(events, infer_schema_length=None))
    tx.run("INSERT INTO base.stage_events BY NAME SELECT * FROM temp.new_events")
    tx.bulk("new_deal_versions", pl.DataFrame(_deal_versions(world), infer_schema_length=None))
    tx.run("INSERT INTO base.deal_versions BY NAME SELECT * FROM temp.new_deal_versions")


def _deal_versions(world: World) -> list[dict[str, object]]:
    """One of each deal, as it is now: what it was at its closings stands with these."""
    return [
        {
            "deal_id": deal.id,
            "value": deal.value,
            "currency": deal.currency,
            "expected_close": deal.expected,
            "owner_id": deal.owner,
            "team_id": deal.team,
            "has_contact": False,
            "removed": deal.in_bin,
            "happened_at": deal.created,
            "known_at": deal.created,
            "by_id": 1,
            "door": "page",
        }
        for deal in world.deals
    ]


def _stage_versions(world: World) -> list[dict[str, object]]:
    """A version of each stage in each order; a stage that is in it no more was removed. Won stands last."""
    rows: list[dict[str, object]] = []
    for order in world.orders:
        known = {row["stage_id"] for row in rows}
        for stage in world.stages.values():
            stands = stage.kind == "won" or stage.id in order.stages
            if stage.pipeline == order.pipeline and stage.kind != "lost" and (stands or stage.id in known):
                rows.append(
                    {
                        "stage_id": stage.id,
                        "pipeline_id": stage.pipeline,
                        "name": f"Stage {stage.id}",
                        "position": order.stages.index(stage.id) + 1 if stage.id in order.stages else 9,
                        "probability": stage.probability,
                        "kind": stage.kind,
                        "removed": not stands,
                        "happened_at": order.since,
                        "by_id": 1,
                    }
                )
    return rows


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
