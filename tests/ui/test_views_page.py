"""Table, calendar and saved views of the pipeline without a browser: by address, by role, and what is typed in rows."""

from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import deals, pipelines
from crm.deals import Deal, saved_views
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records import attributes
from crm.records.filters import Rule, dump
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, unfold
from tests.people import Team
from tests.ui.test_contact_pages import button, said


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk"])


@pytest.fixture
def three(store: Store, team: Team, sales: Pipeline) -> list[Deal]:
    """Chairs and Lamps in BRL, due today and never; Sofa in EUR, overdue."""
    with store.writing(team.ana) as tx:
        return [
            deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1200, expected_close=tx.today),
            deals.create(tx, title="Lamps", pipeline_id=sales.id, value=300),
            deals.create(
                tx,
                title="Sofa",
                pipeline_id=sales.id,
                value=900,
                currency="EUR",
                expected_close=tx.today - timedelta(days=3),
            ),
        ]


def table(store: Store, actor: Any, **query: str) -> AppTest:
    page = open_page(store, "pipeline", actor, show="table", **query)
    assert not page.exception
    return page


def rows(page: AppTest) -> list[str]:
    (found,) = [one for one in page.dataframe if "-table-" in (one.key or "").removeprefix("deals-table")]
    return list(found.value["Title"])


def text(page: AppTest) -> str:
    return said(page).replace("\\", "")


def test_the_table_holds_what_the_address_asks_for_with_a_total_for_each_currency(
    store: Store, team: Team, three: list[Deal]
) -> None:
    page = table(store, team.vera, sort="title")
    assert rows(page) == ["Chairs", "Lamps", "Sofa"]
    assert "3 deals" in text(page)
    assert "**R$1,500.00** open (2), R$499.95 weighted" in text(page)
    assert "**€900.00** open (1), €299.97 weighted" in text(page)
    assert rows(table(store, team.vera, period="overdue")) == ["Sofa"]
    assert rows(table(store, team.vera, period="undated")) == ["Lamps"]
    assert rows(table(store, team.vera, q="chair")) == ["Chairs"]
    assert rows(table(store, team.ana, owner="me", sort="-value")) == ["Chairs", "Sofa", "Lamps"]
    assert "No deals" in text(table(store, team.marta, owner="me"))


def test_the_head_of_the_table_weights_open_deals_alone(store: Store, team: Team, three: list[Deal]) -> None:
    chairs, lamps, sofa = three
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
        deals.lose(tx, sofa.id, note="Silence")
        deals.create(tx, title="Beds", pipeline_id=lamps.pipeline_id, value=2000, currency="EUR")
    said = text(table(store, team.vera))
    assert "**R$300.00** open (1), R$99.99 weighted · R$1.2K won (1)" in said
    assert "**€2,000.00** open (1), €666.60 weighted · €900 lost (1)" in said


def test_the_table_holds_no_deal_of_another_under_privacy(store: Store, team: Team, three: list[Deal]) -> None:
    owner_privacy(store, team)
    page = table(store, team.bob)
    assert "Chairs" not in str(page)
    assert "No deals" in text(page)


def test_a_filter_that_is_broken_is_said_and_everything_shown(store: Store, team: Team, three: list[Deal]) -> None:
    asked = dump(Rule(field="attribute:gone", op="is", value="x"))
    assert len(rows(table(store, team.ana, filter=asked))) == 3
    for kind in ("table", "calendar"):
        page = open_page(store, "pipeline", team.ana, show=kind, filter=asked)
        assert not page.exception
        assert any("no field “attribute" in error.value for error in page.error)


@pytest.mark.parametrize(
    ("who", "may"), [("ada", True), ("marta", True), ("ana", True), ("rui", False), ("vera", False)]
)
def test_who_changes_deals_may_edit_rows(store: Store, team: Team, three: list[Deal], who: str, may: bool) -> None:
    page = table(store, getattr(team, who), edit="1")
    assert ("Edit rows" in [toggle.label for toggle in page.toggle]) is may
    assert ["-table-" in (one.key or "").removeprefix("deals-table") for one in page.dataframe] == [not may]


def typing(store: Store, actor: Any, typed: dict[int, dict[str, Any]]) -> AppTest:
    """As if this had been typed into the rows: AppTest has no hand for an editor."""
    page = table(store, actor, edit="1", sort="title")
    page.session_state["deal-edits"] = typed
    page.session_state["deal-editor"] = None
    return page.run()


def test_rows_that_were_typed_into_are_written_each_by_itself(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    chairs, lamps, sofa = three
    page = typing(
        store,
        team.ana,
        {
            chairs.id: {
                "version seen": 1,
                "title seen": "Chairs",
                "title": "Ten chairs",
                "value": 1500.5,
                "stage": "Talk",
                "owner": "Bob",
            },
            lamps.id: {"version seen": 1, "title seen": "Lamps", "stage": "Won"},
            sofa.id: {"version seen": 1, "title seen": "Sofa", "priority": "high", "expected_close": "2030-01-31"},
        },
    )
    assert "3 deals changed, not saved yet" in text(page)
    button(page, "Save 3 deals").click().run()
    assert not page.exception
    assert ["Lamps" in error.value and "by closing it" in error.value.replace("\\", "") for error in page.error] == [
        True
    ]
    assert "1 deal changed, not saved yet" in text(page)
    with store.reading(team.ana) as tx:
        found = {one.title: deals.get(tx, one.id) for one in three}
        assert (float(found["Chairs"].value or 0), found["Chairs"].stage_name) == (1500.5, "Talk")
        assert (found["Chairs"].owner_name, found["Chairs"].title) == ("Bob", "Ten chairs")
        assert found["Lamps"] == lamps
        assert (found["Sofa"].priority, str(found["Sofa"].expected_close)) == ("high", "2030-01-31")
    button(page, "Discard").click().run()
    assert "not saved yet" not in text(page)


def test_what_somebody_else_changed_meanwhile_is_said_first_and_nothing_typed_is_lost(
    store: Store, team: Team, three: list[Deal]
) -> None:
    page = typing(store, team.ana, {three[0].id: {"version seen": 1, "title seen": "Chairs", "value": 2000.0}})
    with store.writing(team.marta) as tx:
        deals.edit(tx, three[0].id, priority="low")
    button(page, "Save 1 deal").click().run()
    assert any("Marta changed" in error.value for error in page.error)
    with store.reading(team.ana) as tx:
        assert deals.get(tx, three[0].id).value == 1200
    button(page, "Save 1 deal").click().run()
    with store.reading(team.ana) as tx:
        saved = deals.get(tx, three[0].id)
    assert (saved.value, saved.priority) == (2000, "low")


def test_picked_deals_are_moved_and_put_back(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    page = table(store, team.ana, sort="title")
    (grid,) = [one for one in page.dataframe if "-table-" in (one.key or "").removeprefix("deals-table")]
    page.session_state[grid.key] = {"selection": {"rows": [0, 2], "columns": [], "cells": []}}
    page.run()
    assert "2 deals selected" in text(page)
    button(page, "Move to stage").click().run()
    page.selectbox(key="bulk-stage").set_value(sales.open_stages[1].id).run()
    assert "2 deals** would change" in text(page)
    button(page, "Change 2 deals").click().run()
    assert "2 deals moved to **Talk**" in text(page)
    with store.reading(team.ana) as tx:
        assert [deals.get(tx, one.id).stage_name for one in three] == ["Talk", "Lead", "Talk"]
    button(page, "Undo").click().run()
    with store.reading(team.ana) as tx:
        assert {deals.get(tx, one.id).stage_name for one in three} == {"Lead"}


def test_a_viewer_picks_nothing_to_change(store: Store, team: Team, three: list[Deal]) -> None:
    page = table(store, team.vera)
    assert not {"Move to stage", "Add label", "Set owner"} & {one.label for one in page.button}


def test_the_calendar_counts_its_month_and_goes_to_others(store: Store, team: Team, three: list[Deal]) -> None:
    page = open_page(store, "pipeline", team.vera, show="calendar")
    assert not page.exception
    assert "expected" in text(page)
    page.button(key="month-after").click().run()
    assert page.query_params["month"]
    page.button(key="month-today").click().run()
    assert "month" not in page.query_params
    for word in ("2026-13", "x", "9999-01"):
        assert not open_page(store, "pipeline", team.vera, show="calendar", month=word).exception


def test_a_link_to_a_view_becomes_its_words(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    with store.writing(team.ana) as tx:
        view = saved_views.create(
            tx, name="Dear", pipeline_id=sales.id, kind="table", owner="me", sort="-value", shared=True
        )
    page = open_page(store, "pipeline", team.ana, view=str(view.id))
    assert {name: page.query_params[name] for name in ("show", "owner", "sort", "view")} == {
        "show": "table",
        "owner": "me",
        "sort": "-value",
        "view": str(view.id),
    }
    assert rows(page) == ["Chairs", "Sofa", "Lamps"]
    assert "No deals" in text(open_page(store, "pipeline", team.bob, view=str(view.id)))


def test_a_view_of_another_person_is_not_there(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        view = saved_views.create(tx, name="Hers", pipeline_id=sales.id)
    page = open_page(store, "pipeline", team.bob, view=str(view.id))
    assert any("There is no such view" in error.value for error in page.error)


def test_what_is_shown_is_saved_changed_and_opened_with(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    page = table(store, team.ana, period="overdue")
    unfold(page, "views").button(key="view-save-as").click().run()
    next(field for field in page.text_input if field.label == "Name").set_value("Late")
    button(page, "Save").click().run()
    assert not page.exception
    with store.reading(team.ana) as tx:
        (view,) = saved_views.all_of(tx)
    assert (view.name, view.kind, view.period) == ("Late", "table", "overdue")
    page.button(key="view-default").click().run()
    assert rows(open_page(store, "pipeline", team.ana)) == ["Sofa"]
    changed = table(store, team.ana, view=str(view.id), pipeline=str(sales.id), period="undated")
    unfold(changed, "views").button(key="view-save").click().run()
    with store.reading(team.ana) as tx:
        assert saved_views.get(tx, view.id).period == "undated"


def test_a_broken_view_shows_no_deals_and_says_why(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="deal", name="Size", type="number")
        view = saved_views.create(
            tx,
            name="Sized",
            pipeline_id=sales.id,
            kind="table",
            filter=Rule(field="attribute:size", op="more_than", value=1),
        )
        attributes.delete(tx, size.id)
    page = open_page(store, "pipeline", team.ada, view=str(view.id))
    assert not page.exception
    assert any("This view is broken" in warning.value for warning in page.warning)
    assert "Chairs" not in str(page)


def test_nobody_sees_more_in_a_shared_view(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    with store.writing(team.ada) as tx:
        view = saved_views.create(tx, name="All", pipeline_id=sales.id, kind="table", shared=True)
        workspace.change(tx, owner_privacy=True)
    assert "No deals" in text(open_page(store, "pipeline", team.bob, view=str(view.id)))
