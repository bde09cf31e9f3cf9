"""What a day asks of a person and of a team."""

from datetime import timedelta

import pytest

from crm import contacts, deals, pipelines
from crm.deals import Deal, activity, agenda
from crm.foundation.access import SYSTEM, Actor
from crm.pipelines import Pipeline
from crm.platform.people import teams
from crm.records import checklists
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


def deal(store: Store, team: Team, sales: Pipeline, title: str, owner_id: int | None, **fields: object) -> Deal:
    with store.writing(team.marta) as tx:
        return deals.create(tx, title=title, pipeline_id=sales.id, owner_id=owner_id, **fields)  # type: ignore[arg-type]


def step(store: Store, team: Team, of: Deal, text: str, in_days: int | None, assignee_id: int | None = None) -> int:
    with store.writing(team.marta) as tx:
        lists = checklists.of(tx, of.id) or [checklists.add(tx, of.id, "Next steps")]
        due_on = None if in_days is None else tx.today + timedelta(days=in_days)
        return checklists.add_item(tx, lists[0].id, text, due_on=due_on, assignee_id=assignee_id).id


def texts(store: Store, actor: Actor, *, of_team: bool = False) -> list[str]:
    with store.reading(actor) as tx:
        scope = agenda.scope_of(tx, team=of_team)
        found, count = agenda.steps(tx, scope, tx.today + timedelta(days=agenda.NEAR_DAYS))
    assert count == len(found)
    return [each.text for each in found]


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> Deal:
    return deal(store, team, sales, "Chairs", team.ids.ana)


def test_steps_come_by_their_day_up_to_a_week_ahead(store: Store, team: Team, chairs: Deal) -> None:
    for text, days in {"Later": 8, "In a week": 7, "Yesterday": -1, "Today": 0}.items():
        step(store, team, chairs, text, days)
    step(store, team, chairs, "Some day", None)
    done = step(store, team, chairs, "Done", 0)
    with store.writing(team.ana) as tx:
        checklists.tick(tx, done)
    assert texts(store, team.ana) == ["Yesterday", "Today", "In a week"]


def test_a_step_is_its_assignees_else_the_owners_of_the_deal(store: Store, team: Team, chairs: Deal) -> None:
    step(store, team, chairs, "Ana’s", 0)
    step(store, team, chairs, "Bob’s", 0, assignee_id=team.ids.bob)
    assert texts(store, team.ana) == ["Ana’s"]
    assert texts(store, team.bob) == ["Bob’s"]
    assert texts(store, team.marta) == []
    assert texts(store, team.marta, of_team=True) == ["Ana’s", "Bob’s"]


def test_closed_deals_ask_nothing(store: Store, team: Team, chairs: Deal) -> None:
    step(store, team, chairs, "Call", 0)
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
    assert texts(store, team.ana) == []


def test_a_team_is_those_deals_that_are_the_teams(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ada) as tx:
        south = teams.create(tx, "South")
        teams.change(tx, south.id, member_ids=[team.ids.bob, team.ids.ana])
    tables = deal(store, team, sales, "Tables", team.ids.bob, team_id=south.id)
    step(store, team, chairs, "Of nobody’s team", 0)
    step(store, team, tables, "Of the team", 0)
    assert texts(store, team.ana, of_team=True) == ["Of the team"]
    with store.reading(team.ana) as tx:
        assert agenda.has_team(tx)
    with store.reading(team.vera) as tx:
        assert not agenda.has_team(tx)


def test_what_one_may_not_see_is_nobodys_day(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    owner_privacy(store, team)
    hidden = deal(store, team, sales, "Tables", team.ids.bob, expected_close=None)
    step(store, team, hidden, "Secret", 0)
    step(store, team, chairs, "Open", 0)
    with store.reading(team.ana) as tx:
        found, count = agenda.steps(tx, agenda.Scope(), tx.today)
    assert ([each.text for each in found], count) == (["Open"], 1)


def test_deals_about_to_close_come_with_those_that_are_overdue(store: Store, team: Team, sales: Pipeline) -> None:
    with store.reading(SYSTEM) as tx:
        today = tx.today
    with store.writing(team.marta) as tx:
        lia = contacts.create(tx, name="Lia")
    for title, days in {"Next month": 30, "Tomorrow": 1, "Late": -40}.items():
        deal(store, team, sales, title, team.ids.ana, expected_close=today + timedelta(days=days), contact_id=lia.id)
    deal(store, team, sales, "Bob’s", team.ids.bob, expected_close=today)
    with store.reading(team.ana) as tx:
        found, count = agenda.closing(tx, agenda.scope_of(tx, team=False), today + timedelta(days=6))
    assert [(each.title, each.who) for each in found] == [("Late", "Lia"), ("Tomorrow", "Lia")]
    assert count == 2


def test_stalled_deals_come_with_their_next_step(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        pipelines.set_limit(tx, sales.open_stages[0].id, 10)
    old = [deal(store, team, sales, title, team.ids.ana, value=value) for title, value in (("Small", 1), ("Large", 9))]
    step(store, team, old[1], "Second", 60)
    step(store, team, old[1], "First", 50)
    with store.writing(SYSTEM) as tx:
        for table, key in {"deals": "id", "stage_events": "deal_id", "deal_versions": "deal_id"}.items():
            moment = "created_at" if table == "deals" else "happened_at"
            tx.run(
                f"UPDATE base.{table} SET {moment} = {moment} - INTERVAL 40 DAY WHERE list_contains($ids, {key})",
                ids=[each.id for each in old],
            )
        activity.refill(tx)
    fresh = deal(store, team, sales, "Fresh", team.ids.ana)
    with store.reading(team.ana) as tx:
        found, count = agenda.stalled(tx, agenda.scope_of(tx, team=False))
    assert fresh.id not in [each.deal_id for each in found]
    assert [(each.title, each.next_step, each.idle_days) for each in found] == [
        ("Large", "First", 40),
        ("Small", None, 40),
    ]
    assert count == 2
