"""Health as people and programs meet it: touches, limits, filters, sorts, weights, and who may see and change what."""

from datetime import timedelta
from typing import Any

import pytest

from crm import contacts, deals, imports, pipelines, worker
from crm.deals import Deal, activity, health
from crm.foundation.access import SYSTEM, Source
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.imports import Options
from crm.pipelines import Pipeline
from crm.platform import files, workspace
from crm.records import bulk, checklists, notes
from crm.records.bulk import Action, Change
from crm.records.filters import Related, Rule
from crm.records.listing import ListQuery
from crm.store import Store
from tests.people import Team


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> Deal:
    """Ana's, opened thirty days ago, in A, where ten days are the limit."""
    with store.writing(team.marta) as tx:
        pipelines.set_limit(tx, sales.open_stages[0].id, 10)
    with store.writing(team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=10, identifier="D-1")
    age(store, made.id, 30)
    return made


def age(store: Store, deal_id: int, days: int) -> None:
    """Everything that happened to the deal so far happened so many days earlier."""
    with store.writing(SYSTEM) as tx:
        span = timedelta(days=days)
        tx.run("UPDATE base.deals SET created_at = created_at - $span WHERE id = $id", span=span, id=deal_id)
        for table in ("stage_events", "deal_versions"):
            tx.run(
                f"UPDATE base.{table} SET happened_at = happened_at - $span WHERE deal_id = $id", span=span, id=deal_id
            )
        activity.refill(tx)


def of(store: Store, team: Team, deal: Deal) -> health.Health:
    with store.reading(team.ana) as tx:
        found = health.of(tx, deal.id)
    assert found
    return found


def bring(store: Store, team: Team, content: str) -> None:
    sha256, size = files.keep(store, [content.encode()], 2**30)
    with store.writing(team.marta) as tx:
        upload = files.register(tx, sha256=sha256, file_name="deals.csv", size=size)
        imports.begin(tx, "deals", upload.id, Options(on_duplicate="overwrite"))
    while worker.work_one(store):
        pass


def test_a_deal_left_alone_for_longer_than_the_limit_is_stalled(store: Store, team: Team, chairs: Deal) -> None:
    found = of(store, team, chairs)
    assert (found.status, found.idle_days, found.limit_days, found.limit_source) == ("stalled", 30, 10, "by_hand")
    assert (found.last_touch.kind, found.last_touch.by_name) == ("moved", "Ana")


def test_what_a_person_does_is_a_touch_and_is_named(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    touches = {
        "noted": lambda tx: notes.add(tx, "deal", chairs.id, "They called"),
        "edited": lambda tx: deals.edit(tx, chairs.id, value=20),
        "moved": lambda tx: deals.move(tx, chairs.id, to_stage=sales.open_stages[1].id),
    }
    for kind, touch in touches.items():
        with store.writing(team.bob) as tx:
            touch(tx)
        found = of(store, team, chairs)
        assert (found.last_touch.kind, found.last_touch.by_name, found.idle_days) == (kind, "Bob", 0)


def test_an_import_a_job_a_new_title_or_a_stage_removed_are_no_touch(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    bring(store, team, "identifier,title,stage,value\nD-1,Chairs,B,99\n")
    with store.writing(SYSTEM) as tx:
        deals.edit(tx, chairs.id, value=50)
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, title="Red chairs", owner_id=team.ids.bob)
    with store.writing(team.marta) as tx:
        deals.remove_stage(tx, sales.open_stages[1].id, deals_to=sales.open_stages[2].id)
    found = of(store, team, chairs)
    assert (found.last_touch.kind, found.idle_days, found.days_in_stage) == ("moved", 30, 0)


def test_an_imported_deal_that_nobody_touched_counts_from_the_day_it_opened(
    store: Store, team: Team, sales: Pipeline
) -> None:
    bring(store, team, "title,stage,created\nLamps,A,2026-01-01\n")
    with store.reading(team.marta) as tx:
        found = health.of(tx, 1)
        assert found
        assert found.last_touch.kind == "opened"
        assert found.idle_days == (tx.today - found.last_touch.at.date()).days


def test_moving_many_deals_by_hand_touches_each(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        change = Change(action=Action.MOVE, stage_id=sales.open_stages[1].id)
        bulk.apply(tx, "deals", ListQuery(ids=(chairs.id,)), change)
    assert of(store, team, chairs).idle_days == 0


@pytest.mark.parametrize(("idle", "status"), [(15, "healthy"), (25, "stalled")])
def test_a_step_to_come_holds_the_clock_at_most_to_twice_the_limit(
    store: Store, team: Team, sales: Pipeline, idle: int, status: str
) -> None:
    with store.writing(team.marta) as tx:
        pipelines.set_limit(tx, sales.open_stages[0].id, 10)
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=10)
        made = checklists.add(tx, deal.id, "Next")
        checklists.add_item(tx, made.id, "Call", due_on=tx.today + timedelta(days=3))
    age(store, deal.id, idle)
    found = of(store, team, deal)
    assert (found.status, found.held_until is not None) == (status, True)


def test_without_won_deals_enough_there_is_no_usual_time_and_no_limit(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id)
    age(store, deal.id, 400)
    found = of(store, team, deal)
    assert (found.limit_days, found.limit_source, found.usual_days) == (None, "none", None)
    assert found.status != "stalled"
    assert "no limit: none is set, and only 0 visits" in found.reasons[0].detail


def ids(store: Store, team: Team, **asked: Any) -> list[int]:
    with store.reading(team.ana) as tx:
        return [row["id"] for row in deals.find(tx, ListQuery(**asked)).items]


def test_deals_are_filtered_and_sorted_by_health(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        fresh = deals.create(tx, title="Lamps", pipeline_id=sales.id, value=10).id
        won = deals.win(tx, deals.create(tx, title="Desks", pipeline_id=sales.id).id).id
    assert ids(store, team, filter=Rule(field="health", op="is", value="stalled")) == [chairs.id]
    assert ids(store, team, filter=Rule(field="health", op="is_not", value="stalled"), sort="id") == [fresh, won]
    assert ids(store, team, filter=Rule(field="idle_days", op="at_least", value=30)) == [chairs.id]
    assert ids(store, team, filter=Rule(field="health_score", op="more_than", value=80)) == [fresh]
    assert ids(store, team, sort="health") == [chairs.id, fresh, won]
    assert ids(store, team, sort="-idle_days") == [chairs.id, fresh, won]
    with store.reading(team.ana) as tx:
        board = deals.board(tx, sales.id, filter=Rule(field="health", op="is", value="stalled"))
        assert [card.id for card in board.columns[0].cards] == [chairs.id]


def test_pages_of_a_list_by_health_follow_each_other(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        for number in range(4):
            deals.create(tx, title=f"D{number}", pipeline_id=sales.id)
    with store.reading(team.ana) as tx:
        whole = [row["id"] for row in deals.find(tx, ListQuery(sort="health")).items]
        first = deals.find(tx, ListQuery(sort="health", limit=2))
        second = deals.find(tx, ListQuery(sort="health", limit=9, cursor=first.next))
    assert [row["id"] for row in [*first.items, *second.items]] == whole


def test_health_is_of_those_who_see_the_deal(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
    with pytest.raises(NotFound), store.reading(team.bob) as tx:
        health.of(tx, chairs.id)
    with store.reading(team.bob) as tx:
        assert health.at_a_glance(tx, [chairs.id]) == {}
        assert deals.count(tx, ListQuery(filter=Rule(field="health", op="is", value="stalled"))) == 0
    assert of(store, team, chairs).status == "stalled"


def test_a_penalty_weighs_what_the_pipeline_says(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    before = of(store, team, chairs).score
    with store.writing(team.marta) as tx:
        health.set_weights(tx, sales.id, {"idle": 40, "no_next_step": 0})
    found = of(store, team, chairs)
    assert found.score == before - 15 + 10
    assert {one.penalty: one.weight for one in found.reasons}["idle"] == 40
    with store.writing(team.marta) as tx:
        assert health.set_weights(tx, sales.id, {"idle": 25, "no_next_step": 10}) == health.WEIGHTS


@pytest.mark.parametrize("name", ["ana", "rui", "vera"])
def test_only_who_shapes_pipelines_weighs_penalties(store: Store, team: Team, sales: Pipeline, name: str) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, name)) as tx:
        health.set_weights(tx, sales.id, {"idle": 40})
    with store.reading(team.ana) as tx:
        assert health.weights(tx, sales.id) == health.WEIGHTS


def test_a_weight_is_0_to_100_of_a_known_penalty(store: Store, team: Team, sales: Pipeline) -> None:
    for given in ({"idle": 101}, {"idle": -1}, {"luck": 5}):
        with pytest.raises(Invalid), store.writing(team.marta) as tx:
            health.set_weights(tx, sales.id, given)


def test_a_deal_moved_by_a_program_is_touched(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana.through(Source.API)) as tx:
        deals.edit(tx, chairs.id, value=11)
    assert of(store, team, chairs).last_touch.kind == "edited"


def test_contacts_are_found_by_the_health_of_their_deals(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        caio, lia = (contacts.create(tx, name=name).id for name in ("Caio", "Lia"))
        deals.edit(tx, chairs.id, contact_id=caio)
        deals.create(tx, title="Lamps", pipeline_id=chairs.pipeline_id, contact_id=lia)
    stalled = Related(relation="deals", of=(Rule(field="health", op="is", value="stalled"),))
    with store.reading(team.ana) as tx:
        assert [row["id"] for row in contacts.find(tx, ListQuery(filter=stalled)).items] == [caio]
