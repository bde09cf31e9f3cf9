"""Versions of a deal: every path that changes what it is worth, when it is expected or whose it is notes it."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm import deals, imports, worker
from crm.deals import Deal
from crm.foundation.access import SYSTEM, Source
from crm.imports import Options
from crm.pipelines import Pipeline
from crm.platform import files
from crm.store import Store
from crm.verify import verify
from tests.people import Team

MIGRATION = Path(__file__).resolve().parents[2] / "crm/store/migrations/0012_health.sql"


def versions(store: Store, deal_id: int) -> list[tuple[Any, ...]]:
    with store.reading(SYSTEM) as tx:
        rows = tx.rows(
            """
            SELECT value, currency, expected_close, owner_id, has_contact, by_id, door
            FROM deal_versions
            WHERE deal_id = $id
            ORDER BY id
            """,
            id=deal_id,
        )
    return [tuple(row.values()) for row in rows]


def bring(store: Store, team: Team, content: str) -> int:
    sha256, size = files.keep(store, [content.encode()], 2**30)
    with store.writing(team.marta) as tx:
        upload = files.register(tx, sha256=sha256, file_name="deals.csv", size=size)
        begun = imports.begin(tx, "deals", upload.id, Options(on_duplicate="overwrite"))
    while worker.work_one(store):
        pass
    return begun.id


def test_a_new_deal_has_its_first_version(store: Store, team: Team, chairs: Deal) -> None:
    ana = team.ids.ana
    assert versions(store, chairs.id) == [(Decimal(1200), "BRL", None, ana, False, ana, "page")]


def test_an_edit_of_value_date_or_owner_is_a_version_and_one_of_the_title_is_none(
    store: Store, team: Team, chairs: Deal
) -> None:
    with store.writing(team.ana.through(Source.API)) as tx:
        deals.edit(tx, chairs.id, title="Red chairs", priority="high")
        deals.edit(tx, chairs.id, expected_close=date(2027, 1, 31))
        deals.edit(tx, chairs.id, value=900)
        deals.edit(tx, chairs.id, owner_id=team.ids.bob)
    assert [version[:4] + version[6:] for version in versions(store, chairs.id)[1:]] == [
        (Decimal(1200), "BRL", date(2027, 1, 31), team.ids.ana, "api"),
        (Decimal(900), "BRL", date(2027, 1, 31), team.ids.ana, "api"),
        (Decimal(900), "BRL", date(2027, 1, 31), team.ids.bob, "api"),
    ]
    assert verify(store) == []


def test_an_import_and_its_undoing_are_versions(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=10, currency="BRL", identifier="D-1")
    import_id = bring(
        store, team, "identifier,title,stage,value,created\nD-1,Chairs,Lead,20,\nD-2,Lamps,Lead,5,2025-03-01\n"
    )
    with store.reading(SYSTEM) as tx:
        lamps = tx.row("SELECT id, created_at, updated_at FROM deals WHERE identifier = 'D-2'")
        first, told = tx.rows("SELECT * FROM deal_versions WHERE deal_id = $id ORDER BY id", id=lamps["id"])
    assert [version[0] for version in versions(store, chairs.id)] == [Decimal(10), Decimal(20)]
    assert (first["value"], first["door"], first["known_at"]) == (None, "import", lamps["created_at"])
    assert (told["value"], told["door"], told["known_at"]) == (Decimal(5), "import", lamps["updated_at"])
    assert verify(store) == []

    with store.writing(team.marta) as tx:
        imports.undo(tx, import_id)
    while worker.work_one(store):
        pass
    assert [version[0] for version in versions(store, chairs.id)] == [Decimal(10), Decimal(20), Decimal(10)]
    assert versions(store, lamps["id"]) == []
    assert verify(store) == []


def test_an_import_that_changes_nothing_of_it_is_no_version(store: Store, team: Team, sales: Pipeline) -> None:
    bring(store, team, "identifier,title,stage,value\nD-1,Chairs,Lead,20\n")
    bring(store, team, "identifier,title,stage,value\nD-1,Red chairs,Talk,20\n")
    assert len(versions(store, 1)) == 1


def test_the_migration_tells_versions_as_far_as_the_log_does(store: Store, team: Team, sales: Pipeline) -> None:
    """What it writes for a store that has had no versions is what the verbs would have written."""
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=10, currency="BRL", identifier="D-1")
        deals.create(tx, title="Lamps", pipeline_id=sales.id)
    for changes in ({"value": 20, "title": "Red chairs"}, {"expected_close": date(2027, 1, 1)}, {"value": None}):
        with store.writing(team.bob) as tx:
            deals.edit(tx, deal.id, **changes)
    bring(store, team, "identifier,title,stage,value,owner\nD-1,Chairs,Lead,70,Bob\n")
    with store.writing(team.ana.through(Source.API)) as tx:
        deals.edit(tx, deal.id, expected_close=None, owner_id=None)
    later = "id, known_at, team_id, own_probability, own_category, removed"
    every = f"SELECT * EXCLUDE ({later}) FROM base.deal_versions ORDER BY deal_id, id"
    backfill = MIGRATION.read_text().partition("-- As far as the log tells")[2]
    with store.writing(SYSTEM) as tx:
        written = tx.rows(every)
        tx.run("DELETE FROM base.deal_versions")
        tx.run("--" + backfill)
        assert tx.rows(every) == written
    assert len(written) == 7


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE base.deals SET manual_value = 7",
        "UPDATE base.deals SET expected_close = DATE '2030-01-01'",
        "UPDATE base.deals SET owner_id = NULL",
        "UPDATE base.deals SET own_probability = 40",
        "UPDATE base.deals SET own_category = 'commit'",
        "UPDATE base.deals SET deleted_at = now()",
        "INSERT INTO base.teams (name) VALUES ('South'); UPDATE base.deals SET team_id = (SELECT id FROM base.teams)",
        "DELETE FROM base.deal_versions",
    ],
)
def test_verify_misses_a_version_that_was_not_noted(store: Store, chairs: Deal, change: str) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run(change)
    assert verify(store) == [
        "1 × a deal of another value, date, owner, team or place in the forecast than its last version says, "
        f"such as number {chairs.id}."
    ]


def test_a_deal_in_the_bin_keeps_its_versions(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.delete(tx, chairs.id)
    assert verify(store) == []
    with store.writing(team.ana) as tx:
        deals.restore(tx, chairs.id)
    assert verify(store) == []
    with store.reading(SYSTEM) as tx:
        removed = tx.rows("SELECT removed FROM deal_versions WHERE deal_id = $id ORDER BY id", id=chairs.id)
    assert [row["removed"] for row in removed] == [False, True, False]
