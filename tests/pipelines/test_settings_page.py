"""The pipeline's settings, as a manager uses them: limits, rules, weights, and removing a stage."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import deals, pipelines
from crm.deals import health
from crm.deals.health import Penalty
from crm.foundation.access import SYSTEM
from crm.pipelines import Pipeline
from crm.platform import process
from crm.platform.people import sessions
from crm.records import attributes
from crm.records.listing import ListQuery
from crm.store import Store
from tests.pages import open_page
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


def settings(store: Store, team: Team) -> AppTest:
    process.use(store)
    with store.writing(SYSTEM) as tx:
        session_id = sessions.begin(tx, team.marta.id)

    def dialog(pipeline_id: int) -> None:
        from crm.ui.pipelines import settings

        settings.show(pipeline_id)

    page = AppTest.from_function(dialog, default_timeout=30, args=(1,))
    page.user = {"session": sessions.hashed(session_id)}
    page.run()
    assert not page.exception
    return page


def now(store: Store, team: Team, sales: Pipeline) -> Pipeline:
    with store.reading(team.marta) as tx:
        return pipelines.get(tx, sales.id)


def labelled(widgets: Any, label: str) -> Any:
    return next(widget for widget in widgets if widget.label.replace("\\", "") == label)


def test_a_limit_in_days_is_set_and_taken_away(store: Store, team: Team, sales: Pipeline) -> None:
    lead = sales.open_stages[0].id
    page = settings(store, team)
    page.number_input(key=f"limit-{lead}").set_value(9).run()
    assert now(store, team, sales).stages[0].limit_days == 9


def test_a_stage_is_told_what_to_ask_for(store: Store, team: Team, sales: Pipeline) -> None:
    page = settings(store, team)
    labelled(page.multiselect, "To enter **Offer**").set_value(["contact_id", "value"]).run()
    with store.reading(team.marta) as tx:
        asked = pipelines.rules_of(tx, sales)[sales.open_stages[2].id]
    assert [rule.name for rule in asked] == ["Value", "Contact"]


def test_a_broken_rule_is_shown_and_can_be_mended(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="deal", name="Size", type="text")
        pipelines.require_fields(tx, sales.open_stages[2].id, [f"attribute:{size.id}"])
        attributes.delete(tx, size.id)
    page = settings(store, team)
    assert any("“Size” was deleted" in box.value.replace("\\", "") for box in page.warning)
    labelled(page.multiselect, "To enter **Offer**").set_value([]).run()
    with store.reading(team.marta) as tx:
        assert not any(pipelines.rules_of(tx, sales).values())


def test_named_people_may_win_once_they_are_named(store: Store, team: Team, sales: Pipeline) -> None:
    page = settings(store, team)
    page.radio(key=f"winners-{sales.id}").set_value("named").run()
    assert now(store, team, sales).winners == "everybody", "nobody is named yet"
    labelled(page.multiselect, "People").set_value([team.ids.bob]).run()
    assert now(store, team, sales).winners == "named"
    with store.reading(team.marta) as tx:
        assert pipelines.winners(tx, sales.id) == [team.ids.bob]


def test_penalties_are_weighed(store: Store, team: Team, sales: Pipeline) -> None:
    page = settings(store, team)
    page.number_input(key=f"weight-{sales.id}-idle").set_value(40).run()
    with store.reading(team.marta) as tx:
        assert health.weights(tx, sales.id)[Penalty.IDLE] == 40


def test_a_stage_that_holds_deals_asks_where_they_go(store: Store, team: Team, sales: Pipeline) -> None:
    lead, talk = sales.open_stages[:2]
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id)
    page = settings(store, team)
    labelled(page.selectbox, "Stage to remove").set_value(lead.id).run()
    assert labelled(page.button, "Remove this stage").disabled
    labelled(page.selectbox, "Its 1 deal go to").set_value(talk.id).run()
    labelled(page.button, "Remove this stage").click().run()
    assert [stage.name for stage in now(store, team, sales).open_stages] == ["Talk", "Offer"]
    with store.reading(team.ana) as tx:
        assert deals.get(tx, chairs.id).stage_id == talk.id


def test_a_new_deal_is_asked_for_what_its_stage_asks_for(store: Store, team: Team, sales: Pipeline) -> None:
    lead = sales.open_stages[0].id
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="deal", name="Size", type="text")
        attributes.define(tx, model="deal", name="Colour", type="text")
        pipelines.require_fields(tx, lead, ["source", f"attribute:{size.id}"])
    page = open_page(store, "pipeline", team.ana)
    labelled(page.button, "New deal").click().run()
    assert not page.exception
    shown = {box.label for box in page.text_input}
    assert {"Source", "Size"} <= shown
    assert "Colour" not in shown
    labelled(page.text_input, "Title").set_value("Chairs").run()
    labelled(page.button, "Create deal").click().run()
    assert "asks for Source and Size" in page.error[0].value.replace("\\", "")
    labelled(page.text_input, "Source").set_value("Fair").run()
    labelled(page.text_input, "Size").set_value("XL").run()
    labelled(page.button, "Create deal").click().run()
    with store.reading(team.ana) as tx:
        made = deals.find(tx, ListQuery()).items
    assert [(row["title"], row["source"], row["attributes"]["size"]) for row in made] == [("Chairs", "Fair", "XL")]
