"""The migration that keeps the deals' activity fills it from the history of a store that has some."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.records import attachments, notes
from crm.store import Store
from crm.verify import verify
from tests.people import Team

TABLES = {28: ("deal_activity", "won_visits", "health_evaluations")}
"""{number of a migration: the tables that it creates}."""


def test_a_store_that_has_history_gets_its_activity(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk"])
        chairs, lamps, desks = (deals.create(tx, title=title, pipeline_id=sales.id).id for title in "CLD")
    for day in (1, 3, 2, None, 5):
        with store.writing(team.ana) as tx:
            deals.edit(tx, chairs, expected_close=day and tx.today + timedelta(days=day))
    with store.writing(team.ana) as tx:
        notes.add(tx, "deal", chairs, "They called")
        attachments.attach(tx, "deal", lamps, sha256="0", file_name="a.txt", size=1, media_type="text/plain")
        deals.move(tx, lamps, to_stage=sales.open_stages[1].id)
    with store.writing(team.ana) as tx:
        deals.win(tx, lamps)
        deals.win(tx, desks)
    with store.writing(team.ana) as tx:
        deals.reopen(tx, desks)
        deals.delete(tx, desks)
    assert verify(store) == []
    folder = earlier(store)
    with closing(Store(folder)) as again:
        assert verify(again) == []


def earlier(store: Store) -> Path:
    """Close the store as it was before the migrations, whose tables it has no more."""
    with store.writing(SYSTEM) as tx:
        folder = tx.folder
        for number, tables in TABLES.items():
            tx.run("DELETE FROM base.migrations WHERE number = $number", number=number)
            for table in tables:
                tx.run(f"DROP TABLE base.{table}")
    store.close()
    return folder
