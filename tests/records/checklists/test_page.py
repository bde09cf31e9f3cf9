"""The checklists on a deal's page, and their templates, as each of the people sees them."""

import pytest
from streamlit.testing.v1 import AppTest

from crm.deals import Deal
from crm.records import checklists
from crm.records.checklists import Checklist, TemplateItem
from crm.store import Store
from tests.pages import open_page, unfold
from tests.people import Team
from tests.ui.test_pipeline_page import buttons, labelled, press


def seen_by(store: Store, team: Team, who: str, deal: Deal) -> AppTest:
    page = open_page(store, "deal", getattr(team, who), deal=str(deal.id))
    assert not page.exception
    return page


def of(store: Store, team: Team, deal: Deal) -> list[Checklist]:
    with store.reading(team.marta) as tx:
        return checklists.of(tx, deal.id)


def captions(page: AppTest) -> list[str]:
    return [found.value for found in page.caption]


def test_an_item_is_ticked_and_unticked_where_the_deal_is_shown(
    store: Store,
    team: Team,
    chairs: Deal,
    offer: Checklist,
) -> None:
    page = seen_by(store, team, "ana", chairs)
    assert "0/3" in captions(page)
    labelled(page.checkbox, "Draw").check().run()
    assert of(store, team, chairs)[0].items[1].done_by_name == "Ana"
    assert "1/3" in captions(page)
    labelled(page.checkbox, "~~Draw~~").uncheck().run()
    assert of(store, team, chairs)[0].done == 0
    assert "0/3" in captions(page)


def test_what_others_ticked_is_ticked_here(
    store: Store,
    team: Team,
    chairs: Deal,
    offer: Checklist,
) -> None:
    page = seen_by(store, team, "ana", chairs)
    with store.writing(team.bob) as tx:
        checklists.tick(tx, offer.items[0].id)
    page.run()
    assert labelled(page.checkbox, "~~Measure~~").value
    assert of(store, team, chairs)[0].items[0].done_by_name == "Bob"


def test_an_item_is_added_with_its_day_and_who_does_it(
    store: Store,
    team: Team,
    chairs: Deal,
    offer: Checklist,
) -> None:
    page = seen_by(store, team, "ana", chairs)
    unfold(page, f"deal-{chairs.id}-step")
    labelled(page.text_input, "New step").set_value("Call *them*")
    labelled(page.date_input, "Due").set_value("2026-12-31")
    labelled(page.selectbox, "Who").set_value(team.ids.bob)
    press(page, "Add step")
    added = of(store, team, chairs)[0].items[-1]
    assert (added.text, str(added.due_on), added.assignee_name) == ("Call *them*", "2026-12-31", "Bob")
    assert labelled(page.text_input, "New step").value == ""
    assert labelled(page.checkbox, r"Call \*them\*")
    [facts] = [one.value for one in page.markdown if "Dec 31, 2026" in one.value]
    assert "Bob" in facts


def test_what_was_typed_stays_where_it_is_refused(
    store: Store,
    team: Team,
    chairs: Deal,
    offer: Checklist,
) -> None:
    page = seen_by(store, team, "ana", chairs)
    unfold(page, f"deal-{chairs.id}-step")
    labelled(page.text_input, "New step").set_value(" ")
    labelled(page.selectbox, "Who").set_value(team.ids.bob)
    press(page, "Add step")
    assert any("An item needs a text" in found.value for found in page.error)
    assert labelled(page.selectbox, "Who").value == team.ids.bob
    assert of(store, team, chairs) == [offer]


@pytest.mark.parametrize("who", ["vera", "rui"])
def test_who_may_only_look_ticks_nothing(
    store: Store,
    team: Team,
    chairs: Deal,
    offer: Checklist,
    who: str,
) -> None:
    page = seen_by(store, team, who, chairs)
    assert labelled(page.checkbox, "Measure").disabled
    assert "Add step" not in buttons(unfold(page, f"deal-{chairs.id}-step"))
    assert not page.get("menu_button")


def test_a_template_is_deleted_under_settings(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        kept = checklists.create_template(tx, "Handover", [TemplateItem(text="Write")])
    page = open_page(store, "settings", team.ada, section="Checklists")
    assert not page.exception
    next(one for one in page.button if one.key == f"template-{kept.id}-1-delete").click().run()
    with store.reading(team.ada) as tx:
        assert checklists.templates(tx) == []


def test_a_template_gets_another_name_under_settings(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        kept = checklists.create_template(tx, "Handover", [TemplateItem(text="Write", due_days=3)])
    page = open_page(store, "settings", team.ada, section="Checklists")
    next(one for one in page.text_input if one.key == f"template-{kept.id}-1-name").set_value("Kick-off").run()
    next(one for one in page.button if one.key == f"template-{kept.id}-1-save").click().run()
    assert not page.exception
    with store.reading(team.ada) as tx:
        assert [(one.name, one.items) for one in checklists.templates(tx)] == [("Kick-off", kept.items)]


def test_a_template_without_items_is_refused_under_settings(store: Store, team: Team) -> None:
    page = open_page(store, "settings", team.ada, section="Checklists")
    next(one for one in page.text_input if one.key == "new-template-0-name").set_value("Empty").run()
    next(one for one in page.button if one.key == "new-template-0-create").click().run()
    assert any("A template needs at least one item" in found.value for found in page.error)
