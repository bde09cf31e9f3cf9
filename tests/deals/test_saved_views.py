"""Saved views: kept, shared, copied, opened with; whoever opens one sees what they may see; what broke is said."""

from typing import Any

import pytest

from crm import deals, pipelines
from crm.deals import saved_views
from crm.deals.saved_views import SavedView
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.pipelines import Pipeline
from crm.platform import preferences, workspace
from crm.records import attributes
from crm.records.filters import Rule
from crm.store import Store, Writing
from tests.owner_privacy import owner_privacy
from tests.people import Team

BIG = Rule(field="value", op="at_least", value=1000)


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Offer"])


def made(tx: Writing, sales: Pipeline, **given: Any) -> SavedView:
    return saved_views.create(tx, **{"pipeline_id": sales.id, "name": "Big", "filter": BIG, **given})


def test_a_view_keeps_all_that_it_was_given(store: Store, team: Team, sales: Pipeline) -> None:
    given = {
        "kind": "table",
        "search": "chairs",
        "owner": "me",
        "period": "this-quarter",
        "sort": "-value",
        "columns": ("title", "value"),
        "shared": True,
    }
    with store.writing(team.ana) as tx:
        view = made(tx, sales, **given)
        assert view.model_dump(include=set(given)) == given
        assert (view.filter, view.user_name, view.version) == (BIG, "Ana", 1)
        assert tx.recorded[-1].name == "saved_view.created"
        assert saved_views.edit(tx, view.id, name="Large", period="").version == 2
        assert saved_views.edit(tx, view.id, name="Large").version == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("kind", "list"),
        ("owner", "somebody"),
        ("owner", "99999"),
        ("period", "someday"),
        ("period", "due-2026-13"),
        ("sort", "colour"),
        ("filter", Rule(field="nothing", op="is", value=1)),
        ("columns", tuple(str(n) for n in range(61))),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, team: Team, sales: Pipeline, field: str, value: Any) -> None:
    with pytest.raises(Invalid), store.writing(team.ana) as tx:
        made(tx, sales, **{field: value})
    with store.writing(team.ana) as tx:
        view = made(tx, sales)
    with pytest.raises(Invalid), store.writing(team.ana) as tx:
        saved_views.edit(tx, view.id, **{field: value})
    with store.reading(team.ana) as tx:
        assert saved_views.all_of(tx) == [view]


def test_a_view_is_its_owners_until_it_is_shared(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        view = made(tx, sales)
    with pytest.raises(NotFound), store.reading(team.marta) as tx:
        saved_views.get(tx, view.id)
    with store.writing(team.ana) as tx:
        saved_views.edit(tx, view.id, shared=True)
    with store.reading(team.vera) as tx:
        assert [one.name for one in saved_views.all_of(tx, sales.id)] == ["Big"]
    with pytest.raises(Forbidden), store.writing(team.bob) as tx:
        saved_views.edit(tx, view.id, name="Mine")
    with pytest.raises(Forbidden), store.writing(team.bob) as tx:
        saved_views.delete(tx, view.id)
    with store.writing(team.bob) as tx:
        own = saved_views.duplicate(tx, view.id)
        assert (own.name, own.user_name, own.shared, own.filter) == ("Big", "Bob", False, BIG)
    with store.writing(team.ada) as tx:
        saved_views.delete(tx, view.id)
    with store.reading(team.ana) as tx:
        assert saved_views.all_of(tx) == []


def test_every_role_has_views_of_its_own(store: Store, team: Team, sales: Pipeline) -> None:
    for person in ("ana", "vera", "rui", "marta", "ada"):
        with store.writing(getattr(team, person)) as tx:
            assert made(tx, sales).user_name == person.title()


def test_whoever_opens_a_shared_view_sees_only_what_they_may_see(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Hers", pipeline_id=sales.id, value=5000)
        view = made(tx, sales, shared=True)
    with store.writing(team.bob) as tx:
        deals.create(tx, title="His", pipeline_id=sales.id, value=5000)
    owner_privacy(store, team)
    look = deals.PipelineQuery(pipeline_id=view.pipeline_id, filter=view.filter)
    with store.reading(team.bob) as tx:
        assert [row["title"] for row in deals.find(tx, look.list_query(tx.today)).items] == ["His"]
        assert [one.count for one in deals.totals(tx, look.list_query(tx.today))] == [1]


def test_nobody_has_two_views_of_one_name_nor_more_than_the_workspace_allows(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        made(tx, sales)
    with pytest.raises(Invalid, match="already"), store.writing(team.ana) as tx:
        made(tx, sales, name="BIG")
    with store.writing(team.ana) as tx:
        assert saved_views.duplicate(tx, 1).name == "Big (2)"
        tx.run("UPDATE base.workspace SET saved_view_limit = 2")
    with pytest.raises(Invalid, match="as many"), store.writing(team.ana) as tx:
        made(tx, sales, name="Third")


def test_an_edit_over_anothers_is_refused(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        view = made(tx, sales)
        saved_views.edit(tx, view.id, name="Large")
    with pytest.raises(Stale), store.writing(team.ana) as tx:
        saved_views.edit(tx, view.id, version=1, name="Huge")


def test_a_view_whose_field_or_pipeline_is_gone_says_so_and_can_be_renamed(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="deal", name="Size", type="number")
        view = made(tx, sales, filter=Rule(field="attribute:size", op="more_than", value=1))
        assert saved_views.broken(tx, view) == []
        attributes.delete(tx, size.id)
        assert len(saved_views.broken(tx, view)) == 1
        assert saved_views.edit(tx, view.id, name="Sized").name == "Sized"
        pipelines.delete(tx, sales.id)
        assert "Its pipeline is gone." in saved_views.broken(tx, view)


def test_a_page_opens_with_the_view_that_was_chosen(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        view = made(tx, sales)
        assert saved_views.default(tx) is None
        saved_views.open_with(tx, view.id)
        assert saved_views.default(tx) == view
    with pytest.raises(NotFound), store.writing(team.bob) as tx:
        saved_views.open_with(tx, view.id)
    with store.reading(team.bob) as tx:
        assert saved_views.default(tx) is None
    with store.writing(team.ana) as tx:
        saved_views.delete(tx, view.id)
        assert saved_views.default(tx) is None
        assert preferences.get(tx, saved_views.DEFAULT) == view.id
        saved_views.open_with(tx, None)
        assert preferences.get(tx, saved_views.DEFAULT) is None


def test_a_module_that_is_off_has_no_views(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        made(tx, sales)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    with store.reading(team.ana) as tx:
        assert saved_views.all_of(tx) == []
    with pytest.raises(NotFound), store.writing(team.ana) as tx:
        made(tx, sales, name="Other")
