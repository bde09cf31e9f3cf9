"""Each way of changing a deal's history keeps its activity, and what is undone is undone there too."""

from datetime import timedelta
from typing import Any

import pytest

from crm import deals, imports, pipelines, worker
from crm.deals import Deal
from crm.foundation.access import SYSTEM
from crm.imports import Options
from crm.pipelines import Pipeline
from crm.platform import files
from crm.records import attachments, bulk, notes
from crm.records.bulk import Action, Change
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk"])


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> Deal:
    with store.writing(team.ana) as tx:
        return deals.create(tx, title="Chairs", pipeline_id=sales.id, identifier="D-1", expected_close=tx.today)


def activity(store: Store, deal: Deal) -> dict[str, Any]:
    """The columns of the deal, which are what its history says."""
    assert verify(store) == []
    with store.reading(SYSTEM) as tx:
        return tx.row("SELECT * FROM base.deal_activity WHERE deal_id = $id", id=deal.id)


def visits(store: Store) -> list[tuple[int, int]]:
    with store.reading(SYSTEM) as tx:
        rows = tx.rows("SELECT deal_id, stage_id FROM base.won_visits ORDER BY deal_id, stage_id")
        return [(row["deal_id"], row["stage_id"]) for row in rows]


def bring(store: Store, team: Team, content: str) -> int:
    sha256, size = files.keep(store, [content.encode()], 2**30)
    with store.writing(team.marta) as tx:
        upload = files.register(tx, sha256=sha256, file_name="deals.csv", size=size)
        options = Options(on_duplicate="overwrite", date_patterns={"*": "%Y-%m-%d"})
        begun = imports.begin(tx, "deals", upload.id, options).id
    work(store)
    return begun


def work(store: Store) -> None:
    while worker.work_one(store):
        pass


def test_a_new_deal_has_arrived_and_nothing_else(store: Store, chairs: Deal) -> None:
    found = activity(store, chairs)
    assert found == {
        "deal_id": chairs.id,
        "entered_at": chairs.created_at,
        "moved_at": chairs.created_at,
        "edited_at": None,
        "noted_at": None,
        "filed_at": None,
        "pushes": 0,
    }


def test_a_later_expected_close_is_an_edit_and_a_push_and_an_earlier_one_an_edit(
    store: Store, team: Team, chairs: Deal
) -> None:
    found = []
    for days in (5, 2, None, 9):
        with store.writing(team.ana) as tx:
            close = None if days is None else tx.today + timedelta(days=days)
            deals.edit(tx, chairs.id, expected_close=close)
            found.append((tx.now, close))
        stored = activity(store, chairs)
        assert stored["edited_at"] == found[-1][0]
    assert stored["pushes"] == 1
    with store.writing(SYSTEM) as tx:
        deals.edit(tx, chairs.id, expected_close=tx.today + timedelta(days=20))
    after = activity(store, chairs)
    assert (after["pushes"], after["edited_at"]) == (2, stored["edited_at"])


def test_the_newest_note_and_file_count_that_are_still_there(store: Store, team: Team, chairs: Deal) -> None:
    made = []
    for _ in range(2):
        with store.writing(team.ana) as tx:
            note = notes.add(tx, "deal", chairs.id, "They called")
            file = attachments.attach(
                tx, "deal", chairs.id, sha256="0", file_name="a.txt", size=1, media_type="text/plain"
            )
            made.append((note, file))
    for left in (made[1], made[0], (None, None)):
        found = activity(store, chairs)
        assert (found["noted_at"], found["filed_at"]) == tuple(one and one.created_at for one in left)
        if left != (None, None):
            with store.writing(team.ana) as tx:
                notes.delete(tx, left[0].id)
                attachments.remove(tx, left[1].id)


def test_a_move_of_many_is_everybodys_and_its_undo_takes_it_back(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    before = activity(store, chairs)
    with store.writing(team.ana) as tx:
        change = bulk.apply(tx, "deals", ListQuery(), Change(action=Action.MOVE, stage_id=sales.open_stages[1].id))
        moved_at = tx.now
    after = activity(store, chairs)
    assert (after["entered_at"], after["moved_at"]) == (moved_at, moved_at)
    with store.writing(team.ana) as tx:
        bulk.undo(tx, change.id)
    assert activity(store, chairs) == before


def test_a_stage_that_is_removed_moves_its_deals_by_nobody(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    before = activity(store, chairs)
    with store.writing(team.marta) as tx:
        deals.remove_stage(tx, sales.open_stages[0].id, deals_to=sales.open_stages[1].id)
        removed_at = tx.now
    after = activity(store, chairs)
    assert (after["entered_at"], after["moved_at"]) == (removed_at, before["moved_at"])


def test_a_file_pushes_and_moves_by_nobody_and_its_undo_takes_the_move_back(
    store: Store, team: Team, chairs: Deal
) -> None:
    before = activity(store, chairs)
    later = chairs.created_at.date() + timedelta(days=30)
    begun = bring(store, team, f"identifier,title,stage,expected close\nD-1,Chairs,Talk,{later}\nD-2,Lamps,Talk,\n")
    after = activity(store, chairs)
    assert (after["moved_at"], after["edited_at"], after["pushes"]) == (before["moved_at"], None, 1)
    assert after["entered_at"] > before["entered_at"]
    with store.writing(team.marta) as tx:
        imports.undo(tx, begun)
    work(store)
    undone = activity(store, chairs)
    assert (undone["entered_at"], undone["pushes"]) == (before["entered_at"], 1)


def test_visits_are_those_of_deals_that_are_won_now(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    lead, talk = (stage.id for stage in sales.open_stages)
    with store.writing(team.ana) as tx:
        deals.move(tx, chairs.id, to_stage=talk)
    assert visits(store) == []
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
    assert visits(store) == [(chairs.id, lead), (chairs.id, talk)]
    with store.writing(team.ana) as tx:
        deals.reopen(tx, chairs.id)
    assert visits(store) == []
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
        deals.lose(tx, chairs.id, note="Too late")
    assert visits(store) == []
    assert verify(store) == []


def test_deals_won_at_once_have_visits_until_that_is_undone(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        change = bulk.apply(tx, "deals", ListQuery(), Change(action=Action.WIN))
    assert visits(store) == [(chairs.id, sales.open_stages[0].id)]
    with store.writing(team.ana) as tx:
        bulk.undo(tx, change.id)
    assert visits(store) == []
    assert verify(store) == []


def test_deals_that_a_file_brings_won_have_visits_and_go_with_them(store: Store, team: Team, sales: Pipeline) -> None:
    begun = bring(store, team, "title,stage,created,closed\nDesks,Won,2026-01-01,2026-02-01\nLamps,Lead,2026-01-01,\n")
    assert [stage_id for _, stage_id in visits(store)] == [sales.open_stages[0].id]
    assert verify(store) == []
    with store.writing(team.marta) as tx:
        imports.undo(tx, begun)
    work(store)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.deal_activity") == 0
    assert visits(store) == []
