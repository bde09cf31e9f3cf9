"""A rule of a stage holds for every way in: whoever comes, by whatever door, brings what the stage asks for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from crm import contacts, deals, imports, pipelines, worker
from crm.api import rate
from crm.deals import Deal
from crm.foundation.access import Actor
from crm.foundation.errors import CrmError
from crm.imports import Import, Options
from crm.pipelines import Pipeline
from crm.platform import files, process
from crm.platform.people import tokens
from crm.platform.people.tokens import Scope
from crm.records import bulk
from crm.records.bulk import Action, Change
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.api.conftest import ADDRESS, SERVED
from tests.pages import open_page
from tests.people import Team


@dataclass
class World:
    """Sales asks for a value and a contact in Offer and in Won; Chairs stands in Lead and has neither."""

    store: Store
    team: Team
    sales: Pipeline
    chairs: Deal
    api: Callable[[Actor], TestClient]

    @property
    def offer(self) -> int:
        return self.sales.open_stages[2].id

    def as_ana(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> str | None:
        """What a refusal says; None where there was none."""
        return self.attempt(self.team.ana, verb, *args, **kwargs)

    def attempt(self, actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> str | None:
        try:
            with self.store.writing(actor) as tx:
                verb(tx, *args, **kwargs)
        except CrmError as refusal:
            return str(refusal)
        return None

    def call(self, path: str, **body: Any) -> str | None:
        answer = self.api(self.team.ana).post(path, json=body)
        if answer.is_success:
            return None
        problem = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert {fault["field"] for fault in problem["errors"]} == {"value", "contact_id"}
        return str(problem["detail"])

    def bring(self, content: str, *, dry_run: bool = False) -> str | None:
        """The reason of the one row that was rejected; None where none was."""
        sha256, size = files.keep(self.store, [content.encode()], 2**30)
        with self.store.writing(self.team.marta) as tx:
            upload = files.register(tx, sha256=sha256, file_name="deals.csv", size=size)
            begun = imports.begin(tx, "deals", upload.id, Options(dry_run=dry_run, on_duplicate="overwrite"))
        while worker.work_one(self.store):
            pass
        with self.store.reading(self.team.marta) as tx:
            done = imports.get(tx, begun.id)
            said = [row["reason"] for row in imports.rejected(tx, begun.id)]
        assert_adds_up(done)
        assert len(said) == done.rejected
        return said[0] if said else None


def assert_adds_up(done: Import) -> None:
    assert done.total == done.created + done.updated + done.unchanged + done.skipped + done.rejected


@pytest.fixture
def world(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    process.use(store)
    monkeypatch.setattr(rate, "_buckets", {})
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])
        for stage in (sales.open_stages[2], sales.won):
            pipelines.require_fields(tx, stage.id, ["value", "contact_id"])
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id, identifier="D-1")
    with TestClient(SERVED, base_url=ADDRESS, raise_server_exceptions=False) as client:

        def api(actor: Actor) -> TestClient:
            with store.writing(actor) as tx:
                client.headers["Authorization"] = (
                    "Bearer " + tokens.issue(tx, name="Test", scopes=tuple(Scope), expires_at=None).text
                )
            return client

        yield World(store, team, sales, chairs, api)
    assert verify(store) == []


def closed_before_the_rule(world: World) -> None:
    """Chairs was lost from Offer, where it came before Offer asked for anything."""
    with world.store.writing(world.team.marta) as tx:
        pipelines.require_fields(tx, world.offer, [])
    with world.store.writing(world.team.ana) as tx:
        deals.move(tx, world.chairs.id, to_stage=world.offer)
        deals.lose(tx, world.chairs.id, note="No answer")
    with world.store.writing(world.team.marta) as tx:
        pipelines.require_fields(tx, world.offer, ["value", "contact_id"])


def by_move(world: World) -> str | None:
    return world.as_ana(deals.move, world.chairs.id, to_stage=world.offer)


def by_win(world: World) -> str | None:
    return world.as_ana(deals.win, world.chairs.id)


def by_reopening(world: World) -> str | None:
    closed_before_the_rule(world)
    return world.as_ana(deals.reopen, world.chairs.id)


def by_creating(world: World) -> str | None:
    return world.as_ana(deals.create, title="Tables", pipeline_id=world.sales.id, stage_id=world.offer)


def from_another_pipeline(world: World) -> str | None:
    with world.store.writing(world.team.marta) as tx:
        other = pipelines.create(tx, "Partners", ["Talk"])
    with world.store.writing(world.team.ana) as tx:
        tables = deals.create(tx, title="Tables", pipeline_id=other.id)
    return world.as_ana(deals.move, tables.id, to_stage=world.offer)


def by_api_move(world: World) -> str | None:
    return world.call(f"/deals/{world.chairs.id}/move", stage_id=world.offer)


def by_api_win(world: World) -> str | None:
    return world.call(f"/deals/{world.chairs.id}/win")


def by_api_reopening(world: World) -> str | None:
    closed_before_the_rule(world)
    return world.call(f"/deals/{world.chairs.id}/reopen")


def by_api_creating(world: World) -> str | None:
    return world.call("/deals", title="Tables", pipeline_id=world.sales.id, stage_id=world.offer)


def by_importing_a_new_deal(world: World) -> str | None:
    return world.bring("title,stage\nTables,Offer\n")


def by_importing_a_won_deal(world: World) -> str | None:
    return world.bring("title,stage,closed\nTables,Won,2026-01-05\n")


def by_importing_a_known_deal(world: World) -> str | None:
    return world.bring("identifier,title,stage\nD-1,Chairs,Offer\n")


def by_a_dry_run_of_a_new_deal(world: World) -> str | None:
    return world.bring("title,stage\nTables,Offer\n", dry_run=True)


def by_a_dry_run_of_a_known_deal(world: World) -> str | None:
    return world.bring("identifier,title,stage\nD-1,Chairs,Offer\n", dry_run=True)


def by_removing_its_stage(world: World) -> str | None:
    lead = world.sales.open_stages[0].id
    return world.attempt(world.team.marta, deals.remove_stage, lead, deals_to=world.offer)


def by_moving_many(world: World) -> str | None:
    """Those that may go, go; the others stay and are listed."""
    change = Change(action=Action.MOVE, stage_id=world.offer)
    asked = ListQuery(ids=(world.chairs.id,))
    with world.store.reading(world.team.ana) as tx:
        refused = bulk.preview(tx, "deals", asked, change).refusals
    said = world.as_ana(bulk.apply, "deals", asked, change)
    assert (said is None) == (not refused)
    return refused[0].because if refused else None


def by_the_deals_page(world: World) -> str | None:
    page = open_page(world.store, "deal", world.team.ana, deal=str(world.chairs.id))
    next(group for group in page.button_group if "-path" in group.key).set_value(world.offer).run()
    return page.error[0].value.replace("\\", "") if page.error else None


def by_winning_on_the_deals_page(world: World) -> str | None:
    page = open_page(world.store, "deal", world.team.ana, deal=str(world.chairs.id))
    page.button(key="close-won").click().run()
    if page.error:
        return page.error[0].value.replace("\\", "")
    next(button for button in page.button if button.label == "Mark as won").click().run()
    assert not page.error
    return None


WAYS = [
    by_move,
    by_win,
    by_reopening,
    by_creating,
    from_another_pipeline,
    by_api_move,
    by_api_win,
    by_api_reopening,
    by_api_creating,
    by_importing_a_new_deal,
    by_importing_a_won_deal,
    by_importing_a_known_deal,
    by_a_dry_run_of_a_new_deal,
    by_a_dry_run_of_a_known_deal,
    by_removing_its_stage,
    by_moving_many,
    by_the_deals_page,
    by_winning_on_the_deals_page,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_deal_without_what_the_stage_asks_for_is_refused(world: World, way: Callable[[World], str | None]) -> None:
    said = way(world)
    assert said is not None, "it got in"
    assert "Value and Contact" in said
    with world.store.reading(world.team.marta) as tx:
        stood = tx.value(
            "SELECT count(*) FROM deals WHERE stage_id IN ($offer, $won)", offer=world.offer, won=world.sales.won.id
        )
    assert stood == 0


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_without_a_rule_every_way_is_open(world: World, way: Callable[[World], str | None]) -> None:
    real = pipelines.require_fields
    with world.store.writing(world.team.marta) as tx:
        for stage in world.sales.stages:
            real(tx, stage.id, [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipelines, "require_fields", lambda tx, stage_id, _: real(tx, stage_id, []))
        assert way(world) is None


def test_a_row_counts_with_what_its_deal_holds_already(world: World) -> None:
    """The file brings the contact, the store has the value."""
    with world.store.writing(world.team.ana) as tx:
        deals.edit(tx, world.chairs.id, value=100)
        contacts.create(tx, name="Caio", email="caio@example.com")
    assert world.bring("identifier,title,stage,contact\nD-1,Chairs,Offer,caio@example.com\n") is None
    with world.store.reading(world.team.ana) as tx:
        assert deals.get(tx, world.chairs.id).stage_id == world.offer


def test_rows_that_stay_in_their_stage_are_asked_for_nothing(world: World) -> None:
    closed_before_the_rule(world)
    with world.store.writing(world.team.marta) as tx:
        pipelines.require_fields(tx, world.sales.lost.id, ["value"])
    assert world.bring("identifier,title\nD-1,Red chairs\n") is None
    with world.store.reading(world.team.ana) as tx:
        assert deals.get(tx, world.chairs.id).title == "Red chairs"


def test_a_row_that_is_refused_leaves_the_others_and_is_counted(world: World) -> None:
    said = world.bring("title,stage,value\nTables,Offer,5\nLamps,Lead,5\nSofas,Talk,5\n")
    assert said is not None
    assert "it asks for Contact" in said
    with world.store.reading(world.team.ana) as tx:
        titles = {row["title"] for row in tx.rows("SELECT title FROM deals")}
    assert titles == {"Chairs", "Lamps", "Sofas"}


def test_who_may_not_win_wins_by_no_way(world: World) -> None:
    with world.store.writing(world.team.marta) as tx:
        pipelines.require_fields(tx, world.sales.won.id, [])
        pipelines.let_win(tx, world.sales.id, "named", [world.team.ids.bob])
    refusal = "may not move deals of “Sales” into Won. Bob can."
    assert refusal in (by_win(world) or "")
    answer = world.api(world.team.ana).post(f"/deals/{world.chairs.id}/win", json={})
    assert (answer.status_code, refusal in answer.json()["detail"]) == (403, True)
    assert refusal in (by_importing_a_won_deal(world) or "")
    with world.store.reading(world.team.ana) as tx:
        many = bulk.preview(tx, "deals", ListQuery(ids=(world.chairs.id,)), Change(action=Action.WIN))
        assert refusal in many.refusals[0].because
        assert deals.get(tx, world.chairs.id).is_open
    with world.store.writing(world.team.bob) as tx:
        assert not deals.win(tx, world.chairs.id).is_open
