"""A store of 0.3.0, whose history had two clocks, comes to have one; no money moves from one month to another."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.store import Store
from crm.store.events import next_link
from crm.store.head import GENESIS, Head
from crm.store.migrate import MIGRATIONS
from crm.verify import verify

LEAD, TALK, OFFER, WON, LOST = 1, 2, 3, 4, 5


def at(day: str, hour: int = 15) -> datetime:
    """An hour of UTC: 15 is noon in São Paulo, 3 its midnight."""
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


def end_of(day: str) -> datetime:
    return at(day, 3) + timedelta(days=1) - timedelta(microseconds=1)


class Old:
    """Writes rows as 0.3.0 left them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.head: Head = GENESIS

    def put(self, table: str, **row: object) -> None:
        names = ", ".join(row)
        self.connection.execute(
            f"INSERT INTO base.{table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values())
        )

    def log(self, moment: datetime, name: str, kind: str, subject: int, /, **payload: object) -> None:
        link = next_link(self.head, moment, SYSTEM, name, kind, subject, payload)
        self.head = Head(link.seq, link.hash)
        self.put("events", **link.model_dump())

    def deal(self, number: int, stage: int, created: datetime, **more: object) -> None:
        row: dict[str, object] = {
            "pipeline_id": 1,
            "rank": number,
            "currency": "BRL",
            "owner_id": 1,
            "updated_at": created,
        }
        self.put("deals", id=number, title=f"D{number}", stage_id=stage, search="", created_at=created, **row | more)

    def event(
        self, deal: int, before: int | None, stage: int, moment: datetime, kind: str, by_hand: bool = True
    ) -> None:
        self.put(
            "stage_events",
            deal_id=deal,
            pipeline_id=1,
            from_stage_id=before,
            to_stage_id=stage,
            happened_at=moment,
            by_id=1,
            kind=kind,
            by_hand=by_hand,
        )

    def version(self, deal: int, value: int | None, moment: datetime, door: str = "page", owner: int = 1) -> None:
        self.put(
            "deal_versions",
            deal_id=deal,
            value=value,
            currency="BRL",
            owner_id=owner,
            has_contact=False,
            happened_at=moment,
            by_id=1,
            door=door,
        )

    def imported(self, number: int, moment: datetime, deal: int, change: str, before: str = "{}") -> None:
        self.put(
            "imports",
            id=number,
            kind="deals",
            upload_id=1,
            state="done",
            options="{}",
            created_by=1,
            created_at=moment,
            finished_at=moment,
        )
        self.put(
            "import_changes",
            import_id=number,
            line=2,
            subject_kind="deal",
            subject_id=deal,
            change=change,
            before=before,
            version=1,
        )


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Old]:
    folder = tmp_path / "store"
    folder.mkdir()
    connection = duckdb.connect(str(folder / "crm.duckdb"))
    connection.execute("SET TimeZone = 'UTC'")
    for path in sorted(MIGRATIONS.glob("*.sql")):
        if int(path.name[:4]) <= 17:
            connection.execute(path.read_text())
            connection.execute(
                "INSERT INTO base.migrations VALUES (?, ?, ?)", [int(path.name[:4]), path.stem, clock.now()]
            )
    made = Old(connection)
    for number, name in enumerate(("Ana", "Bob"), start=1):
        made.put(
            "users",
            id=number,
            email=f"{name}@x.example",
            email_key=f"{name}@x.example",
            name=name,
            role="rep",
            active=True,
            created_at=at("2025-01-01"),
        )
    made.put("teams", id=1, name="South")
    made.put("uploads", id=1, sha256="x", file_name="x.csv", size=1, created_by=1, created_at=at("2025-01-01"))
    made.put("pipelines", id=1, name="Sales", position=1, created_at=at("2025-01-01"))
    for number, (name, kind) in enumerate(
        (("Lead", "open"), ("Talk", "open"), ("Offer", "open"), ("Won", "won"), ("Lost", "lost")), start=1
    ):
        made.put(
            "stages",
            id=number,
            pipeline_id=1,
            name=name,
            colour="#3b82f6",
            position=number,
            probability={"won": 100, "lost": 0}.get(kind, 20 * number),
            kind=kind,
        )
    yield made
    connection.close()


def migrated(old: Old, tmp_path: Path) -> Store:
    old.connection.close()
    store = Store(tmp_path / "store", threads=1)
    assert verify(store) == []
    return store


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with store.reading(SYSTEM) as tx:
        return [tuple(row.values()) for row in tx.rows(sql)]


EVENTS = "SELECT kind, happened_at, known_at, closed_on FROM base.stage_events ORDER BY id"
VERSIONS = "SELECT value::INTEGER, happened_at, known_at, owner_id, team_id FROM base.deal_versions ORDER BY id"


def test_a_movement_after_an_earlier_closing_day_gives_way_and_the_day_stays(old: Old, tmp_path: Path) -> None:
    old.deal(1, WON, at("2026-11-01"), closed_on=date(2026, 11, 20), manual_value=100)
    old.event(1, None, LEAD, at("2026-11-01"), "create")
    old.event(1, LEAD, TALK, at("2026-11-29"), "move")
    old.event(1, TALK, WON, at("2026-11-29", 16), "won")
    old.version(1, 100, at("2026-11-01"))
    store = migrated(old, tmp_path)
    assert rows(store, EVENTS) == [
        ("create", at("2026-11-01"), at("2026-11-01"), None),
        ("move", end_of("2026-11-20"), at("2026-11-29"), None),
        ("won", end_of("2026-11-20"), at("2026-11-29", 16), date(2026, 11, 20)),
    ]
    assert rows(store, "SELECT closed_on FROM base.deals") == [(date(2026, 11, 20),)]


def test_each_closing_keeps_the_day_value_owner_and_team_of_then(old: Old, tmp_path: Path) -> None:
    """Won on the day, opened again, given to another and worth more, and lost on a day before it was recorded."""
    old.deal(1, LOST, at("2026-03-01"), closed_on=date(2026, 5, 2), manual_value=500, owner_id=2, team_id=1)
    old.event(1, None, LEAD, at("2026-03-01"), "create")
    old.event(1, LEAD, WON, at("2026-03-10"), "won")
    old.log(
        at("2026-03-10"),
        "deal.won",
        "deal",
        1,
        changes={"closed_on": [None, "2026-03-10"], "close_reason_id": [None, 1]},
    )
    old.event(1, WON, TALK, at("2026-04-01"), "reopen")
    old.event(1, TALK, LOST, at("2026-05-05"), "lost")
    old.version(1, 100, at("2026-03-01"))
    old.version(1, 100, at("2026-04-02"), owner=2)
    old.log(at("2026-04-03"), "deal.changed", "deal", 1, changes={"team_id": [None, 1]})
    old.version(1, 300, at("2026-04-04"), owner=2)
    old.version(1, 500, at("2026-06-01"), owner=2)
    store = migrated(old, tmp_path)
    assert rows(store, EVENTS)[1:] == [
        ("won", at("2026-03-10"), at("2026-03-10"), date(2026, 3, 10)),
        ("reopen", at("2026-04-01"), at("2026-04-01"), None),
        ("lost", end_of("2026-05-02"), at("2026-05-05"), date(2026, 5, 2)),
    ]
    assert rows(
        store,
        """
        SELECT value::INTEGER, currency, owner_id, team_id, close_reason_id FROM base.stage_events
        WHERE kind IN ('won', 'lost') ORDER BY id
        """,
    ) == [(100, "BRL", 1, None, 1), (300, "BRL", 2, 1, None)]
    assert rows(store, VERSIONS) == [
        (100, at("2026-03-01"), at("2026-03-01"), 1, None),
        (100, at("2026-04-02"), at("2026-04-02"), 2, None),
        (100, at("2026-04-03"), at("2026-04-03"), 2, 1),
        (300, at("2026-04-04"), at("2026-04-04"), 2, 1),
        (500, at("2026-06-01"), at("2026-06-01"), 2, 1),
    ]


def test_what_an_import_told_of_the_past_is_known_when_it_told_it(old: Old, tmp_path: Path) -> None:
    """Midnight and noon become the ends of their days; a value is known from the closing, or the import, on."""
    old.deal(1, WON, at("2026-01-05", 3), closed_on=date(2026, 2, 7), manual_value=100)
    old.event(1, None, LEAD, at("2026-01-05", 3), "import", by_hand=False)
    old.event(1, LEAD, WON, at("2026-02-07"), "won", by_hand=False)
    old.version(1, 100, at("2026-01-05", 3), door="import")
    old.imported(1, at("2026-03-01"), 1, "created")
    old.deal(2, LEAD, at("2026-01-06", 3), manual_value=70, version=2, updated_at=at("2026-04-01"))
    old.event(2, None, LEAD, at("2026-01-06", 3), "import", by_hand=False)
    old.version(2, 50, at("2026-01-06", 3), door="import")
    old.version(2, 70, at("2026-04-01"))
    old.imported(2, at("2026-03-02"), 2, "created")
    store = migrated(old, tmp_path)
    assert rows(store, "SELECT created_at FROM base.deals ORDER BY id") == [
        (end_of("2026-01-05"),),
        (end_of("2026-01-06"),),
    ]
    assert rows(store, EVENTS) == [
        ("import", end_of("2026-01-05"), end_of("2026-01-05"), None),
        ("won", end_of("2026-02-07"), end_of("2026-02-07"), date(2026, 2, 7)),
        ("import", end_of("2026-01-06"), end_of("2026-01-06"), None),
    ]
    assert rows(store, "SELECT value::INTEGER, owner_id FROM base.stage_events WHERE kind = 'won'") == [(100, 1)]
    assert rows(store, "SELECT deal_id, value::INTEGER, happened_at FROM base.deal_versions ORDER BY deal_id, id") == [
        (1, None, end_of("2026-01-05")),
        (1, 100, end_of("2026-02-07")),
        (2, None, end_of("2026-01-06")),
        (2, 50, at("2026-03-02")),
        (2, 70, at("2026-04-01")),
    ]


def test_a_closing_that_an_import_set_is_known_from_the_import_on(old: Old, tmp_path: Path) -> None:
    """One import made the deal as open, another won it on a day of its own, and stamped today's closings at noon."""
    old.deal(1, WON, at("2026-01-05", 3), closed_on=date(2026, 2, 7), manual_value=100, version=2)
    old.event(1, None, LEAD, at("2026-01-05", 3), "import", by_hand=False)
    old.event(1, LEAD, WON, at("2026-02-07"), "won", by_hand=False)
    old.version(1, 100, at("2026-01-05", 3), door="import")
    old.imported(1, at("2026-01-20"), 1, "created")
    old.imported(2, at("2026-03-01"), 1, "updated", '{"stage_id":1,"closed_on":null}')
    old.deal(2, WON, at("2026-01-05", 3), closed_on=date(2026, 3, 1), version=2)
    old.event(2, None, LEAD, at("2026-01-05", 3), "import", by_hand=False)
    old.event(2, LEAD, WON, at("2026-03-01"), "won", by_hand=False)
    old.version(2, None, at("2026-01-05", 3), door="import")
    old.imported(3, at("2026-01-20"), 2, "created")
    old.imported(4, at("2026-03-01", 13), 2, "updated", '{"stage_id":1,"closed_on":null}')
    store = migrated(old, tmp_path)
    assert rows(store, EVENTS) == [
        ("import", end_of("2026-01-05"), end_of("2026-01-05"), None),
        ("won", end_of("2026-02-07"), at("2026-03-01"), date(2026, 2, 7)),
        ("import", end_of("2026-01-05"), end_of("2026-01-05"), None),
        ("won", at("2026-03-01", 13), at("2026-03-01", 13), date(2026, 3, 1)),
    ]
    assert rows(store, "SELECT value::INTEGER, happened_at FROM base.deal_versions WHERE deal_id = 1 ORDER BY id") == [
        (None, end_of("2026-01-05")),
        (100, at("2026-01-20")),
    ]


def test_many_deals_won_together_keep_the_day_that_was_given(old: Old, tmp_path: Path) -> None:
    """The deal is open again, so that only the change of many knows the day."""
    old.deal(1, TALK, at("2026-03-01"), manual_value=5)
    old.event(1, None, LEAD, at("2026-03-01"), "create")
    old.event(1, LEAD, WON, at("2026-03-10"), "won")
    old.event(1, WON, TALK, at("2026-03-12"), "reopen")
    old.version(1, 5, at("2026-03-01"))
    old.put(
        "bulk_changes",
        id=1,
        kind="deals",
        action="win",
        changed=1,
        created_by=1,
        created_at=at("2026-03-10"),
        closed_on=date(2026, 3, 4),
    )
    old.put(
        "bulk_change_rows",
        bulk_change_id=1,
        subject_kind="deal",
        subject_id=1,
        from_version=1,
        version=2,
        left_at=at("2026-03-10"),
        was=1,
        became=WON,
    )
    store = migrated(old, tmp_path)
    assert rows(store, EVENTS)[1:] == [
        ("won", end_of("2026-03-04"), at("2026-03-10"), date(2026, 3, 4)),
        ("reopen", at("2026-03-12"), at("2026-03-12"), None),
    ]


def test_stages_have_the_names_places_and_chances_that_the_log_tells(old: Old, tmp_path: Path) -> None:
    old.log(at("2025-01-01"), "pipeline.created", "pipeline", 1, name="Sales")
    old.log(
        at("2025-02-01"), "stage.changed", "pipeline", 1, stage_id=TALK, name="Call", changes={"name": ["Call", "Talk"]}
    )
    old.log(
        at("2025-03-01"),
        "stage.changed",
        "pipeline",
        1,
        stage_id=TALK,
        name="Talk",
        changes={"probability": [Decimal("30.00"), Decimal("40.00")]},
    )
    old.log(at("2025-04-01"), "stages.reordered", "pipeline", 1, order=[TALK, LEAD, OFFER, WON, LOST])
    old.log(at("2025-05-01"), "stage.removed", "pipeline", 1, stage_id=OFFER, name="Offer", deals_to=None, moved=0)
    old.connection.execute("UPDATE base.stages SET position = CASE id WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE position END")
    old.connection.execute("UPDATE base.stages SET deleted_at = ? WHERE id = 3", [at("2025-05-01")])
    store = migrated(old, tmp_path)
    told = rows(
        store,
        """
        SELECT happened_at, name, position, probability::INTEGER, removed FROM base.stage_versions
        WHERE stage_id IN (2, 3) ORDER BY stage_id, id
        """,
    )
    assert told == [
        (at("2025-01-01"), "Call", 2, 30, False),
        (at("2025-02-01"), "Talk", 2, 30, False),
        (at("2025-03-01"), "Talk", 2, 40, False),
        (at("2025-04-01"), "Talk", 1, 40, False),
        (at("2025-01-01"), "Offer", 3, 60, False),
        (at("2025-04-01"), "Offer", 3, 60, False),
        (at("2025-05-01"), "Offer", 3, 60, True),
    ]
