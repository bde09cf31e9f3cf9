"""The page of one deal, without a browser."""

from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import deals, pipelines
from crm.deals import Deal
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records import attributes
from crm.store import Store
from tests.pages import open_page, unfold
from tests.people import Team
from tests.ui.conftest import now
from tests.ui.test_pipeline_page import buttons, labelled, press


def seen_by(store: Store, team: Team, who: str, deal: Deal) -> AppTest:
    page = open_page(store, "deal", getattr(team, who), deal=str(deal.id))
    assert not page.exception
    return page


def edited_by(store: Store, team: Team, who: str, deal: Deal) -> AppTest:
    """The page with the drawer of its form open."""
    return press(seen_by(store, team, who, deal), "Edit")


def test_names_are_shown_letter_by_letter(store: Store, team: Team, chairs: Deal) -> None:
    assert seen_by(store, team, "ana", chairs).title[0].value == r"Chairs \*and\* desks"


def test_fields_and_attributes_are_saved(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Floor", type="text")
    page = edited_by(store, team, "ana", chairs)
    labelled(page.text_input, "Source").set_value("Fair").run()
    labelled(page.selectbox, "Priority").set_value("high").run()
    labelled(page.text_input, "Floor").set_value("Second").run()
    press(page, "Save")
    saved = now(store, team, chairs)
    assert (saved.source, saved.priority, saved.attributes) == ("Fair", "high", {"floor": "Second"})


@pytest.mark.parametrize("who", ["vera", "rui"])
def test_who_may_only_look_finds_facts_and_nothing_to_press(store: Store, team: Team, chairs: Deal, who: str) -> None:
    page = seen_by(store, team, who, chairs)
    assert set(buttons(page)) == {"Follow"}
    assert path(page).disabled
    assert not page.text_input
    assert not page.text_area
    assert not page.get("menu_button")


@pytest.mark.parametrize("who", ["vera", "rui"])
def test_an_address_that_opens_the_form_opens_nothing_for_who_may_only_look(
    store: Store, team: Team, chairs: Deal, who: str
) -> None:
    page = open_page(store, "deal", getattr(team, who), deal=str(chairs.id), edit="1")
    assert not page.exception
    assert not page.text_input


def path(page: AppTest) -> Any:
    return next(group for group in page.button_group if "-path" in group.key)


def test_a_press_on_a_stage_moves_the_deal_there(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    page = seen_by(store, team, "ana", chairs)
    assert list(path(page).options) == ["Lead · < 1 d", "Talk"]
    path(page).set_value(sales.stages[1].id).run()
    assert now(store, team, chairs).stage_name == "Talk"
    assert list(path(page).options) == ["Lead · < 1 d", "Talk · < 1 d"]


def test_a_move_that_is_refused_is_said_and_the_path_shows_where_the_deal_is(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.marta) as tx:
        pipelines.require_fields(tx, sales.stages[1].id, ["contact_id"])
    page = seen_by(store, team, "ana", chairs)
    path(page).set_value(sales.stages[1].id).run()
    assert not page.exception
    assert any("asks for" in error.value for error in page.error), [error.value for error in page.error]
    assert now(store, team, chairs).stage_name == "Lead"
    assert path(page).value == sales.stages[0].id


def test_won_asks_and_reopen_brings_back(store: Store, team: Team, chairs: Deal) -> None:
    page = press(seen_by(store, team, "ana", chairs), "Won")
    assert now(store, team, chairs).is_open
    press(page, "Mark as won")
    assert now(store, team, chairs).status == "won"
    assert any("**Won** on" in box.value for box in page.success)
    press(page, "Reopen")
    assert now(store, team, chairs).stage_name == "Lead"


def test_movements_say_how_long_the_deal_stood_where(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.bob) as tx:
        deals.move(tx, chairs.id, to_stage=sales.stages[1].id)
    page = unfold(seen_by(store, team, "vera", chairs), "deal-tabs", "Movements")
    [table] = [one.value for one in page.table if "Movement" in one.value]
    assert list(table["Movement"]) == ["Lead → Talk", "Lead"]
    assert list(table["By"]) == ["Bob", "Ana"]
    assert list(table["How"]) == ["Moved", "Created"]


def test_a_deleted_deal_can_be_brought_back_from_the_bin(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.delete(tx, chairs.id)
    page = seen_by(store, team, "ana", chairs)
    assert "in the bin" in page.info[0].value
    press(page, "Bring it back")
    assert now(store, team, chairs).title == chairs.title


def test_another_reps_deal_is_not_there_under_privacy(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
    page = seen_by(store, team, "bob", chairs)
    assert "no such deal" in page.error[0].value
    assert "Chairs" not in str(page)


@pytest.mark.parametrize("word", ["", "0", "999", "x", "٣", "1" * 30])
def test_an_address_of_no_deal_says_so(store: Store, team: Team, word: str) -> None:
    page = open_page(store, "deal", team.ana, deal=word)
    assert not page.exception
    assert "no such deal" in page.error[0].value


def test_what_others_changed_is_shown_and_what_only_i_changed_is_kept(store: Store, team: Team, chairs: Deal) -> None:
    page = edited_by(store, team, "ana", chairs)
    labelled(page.text_input, "Title").set_value("Chairs for the hall").run()
    with store.writing(team.bob) as tx:
        deals.edit(tx, chairs.id, value=5000)
    page.run()
    assert "Bob changed" in page.warning[0].value
    assert labelled(page.number_input, "Value").value == 5000.0
    press(page, "Save")
    saved = now(store, team, chairs)
    assert (saved.title, saved.value) == ("Chairs for the hall", 5000)


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", 2000), ("Take theirs", 5000)])
def test_where_two_change_one_field_the_second_chooses(
    store: Store, team: Team, chairs: Deal, choice: str, kept: int
) -> None:
    page = edited_by(store, team, "ana", chairs)
    labelled(page.number_input, "Value").set_value(2000.0).run()
    with store.writing(team.bob) as tx:
        deals.edit(tx, chairs.id, value=5000)
    press(page, "Save")
    assert now(store, team, chairs).value == 5000  # nothing is overwritten before the choice
    told = [said.value for said in page.markdown]
    assert "**Value** · it was **R\\$1,200\\.00**" in told
    assert {r"**R\$2,000\.00**", r"**R\$5,000\.00**"} <= set(told)
    press(page, choice)
    press(page, "Save")
    assert now(store, team, chairs).value == kept


def test_an_attribute_that_others_changed_follows_and_is_not_written_back(
    store: Store, team: Team, chairs: Deal
) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Floor", type="text")
        attributes.define(tx, model="deal", name="Deposit", type="currency")
    page = edited_by(store, team, "ana", chairs)
    labelled(page.text_input, "Title").set_value("Chairs for the hall").run()
    with store.writing(team.bob) as tx:
        deals.edit(tx, chairs.id, attributes={"floor": "Third", "deposit": "12.5"})
    press(page, "Save")
    saved = now(store, team, chairs)
    assert (saved.title, saved.attributes["floor"], saved.attributes["deposit"]) == (
        "Chairs for the hall",
        "Third",
        12.5,
    )


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", "Second"), ("Take theirs", "Third")])
def test_where_two_change_one_attribute_the_second_chooses(
    store: Store, team: Team, chairs: Deal, choice: str, kept: str
) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Floor", type="text")
    page = edited_by(store, team, "ana", chairs)
    labelled(page.text_input, "Floor").set_value("Second").run()
    with store.writing(team.bob) as tx:
        deals.edit(tx, chairs.id, attributes={"floor": "Third"})
    press(page, "Save")
    assert now(store, team, chairs).attributes == {"floor": "Third"}
    assert {"**Floor** · it was –", "**Second**", "**Third**"} <= {said.value for said in page.markdown}
    press(page, choice)
    press(page, "Save")
    assert now(store, team, chairs).attributes == {"floor": kept}


def test_a_draft_outlives_an_attribute_that_is_added_meanwhile(store: Store, team: Team, chairs: Deal) -> None:
    page = edited_by(store, team, "ana", chairs)
    labelled(page.text_input, "Title").set_value("Chairs for the hall").run()
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Floor", type="text")
    page.run()
    assert labelled(page.text_input, "Title").value == "Chairs for the hall"


def test_a_closed_deal_says_that_another_value_is_a_correction(store: Store, team: Team, chairs: Deal) -> None:
    assert not any("correction" in caption.value for caption in edited_by(store, team, "ana", chairs).caption)
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
    page = edited_by(store, team, "ana", chairs)
    [said] = [caption.value for caption in page.caption if "correction" in caption.value]
    assert "1,200" in said
    assert "reports keep that" in said
    labelled(page.number_input, "Value").set_value(5000.0).run()
    press(page, "Save")
    with store.reading(team.ana) as tx:
        assert (deals.get(tx, chairs.id).value, deals.last_closing(tx, chairs.id).value) == (5000, 1200)


def test_a_day_before_the_last_movement_is_refused_on_the_page(store: Store, team: Team, chairs: Deal) -> None:
    page = press(seen_by(store, team, "ana", chairs), "Won")
    day = labelled(page.date_input, "Closing day")
    day.set_value(day.value - timedelta(days=3)).run()
    press(page, "Mark as won")
    assert any("it cannot have been won on" in error.value for error in page.error)
    assert now(store, team, chairs).is_open


def test_a_day_to_come_is_refused_on_the_page_and_no_other_day_is_written(
    store: Store, team: Team, chairs: Deal
) -> None:
    page = press(seen_by(store, team, "ana", chairs), "Won")
    day = labelled(page.date_input, "Closing day")
    day.set_value(day.value + timedelta(days=3)).run()
    press(page, "Mark as won")
    assert any("cannot lie in the future" in error.value for error in page.error)
    assert now(store, team, chairs).is_open


def test_a_label_put_on_beside_unsaved_text_is_no_news_to_the_form(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    page = press(unfold(seen_by(store, team, "ana", chairs), f"deal-{chairs.id}-labels"), "Edit")
    labelled(page.text_input, "Title").set_value("Chairs for the hall").run()
    page.multiselect[0].set_value(["VIP"]).run()
    assert now(store, team, chairs).labels == ("VIP",)
    assert not page.warning
    path(page).set_value(sales.stages[1].id).run()
    assert now(store, team, chairs).stage_name == "Talk"
    assert not page.warning
    assert labelled(page.text_input, "Title").value == "Chairs for the hall"
    with store.writing(team.bob) as tx:
        deals.edit(tx, chairs.id, value=5000)
    page.run()
    assert "Bob changed" in page.warning[0].value
    press(page, "Save")
    saved = now(store, team, chairs)
    assert (saved.title, saved.value, saved.labels) == ("Chairs for the hall", 5000, ("VIP",))


def test_a_label_put_on_after_others_were_quicker_hides_none_of_what_they_did(
    store: Store, team: Team, chairs: Deal
) -> None:
    page = press(unfold(seen_by(store, team, "ana", chairs), f"deal-{chairs.id}-labels"), "Edit")
    labelled(page.text_input, "Title").set_value("Chairs for the hall").run()
    with store.writing(team.bob) as tx:
        deals.edit(tx, chairs.id, value=5000)
    page.multiselect[0].set_value(["VIP"]).run()
    assert "Bob changed" in page.warning[0].value


def test_labels_that_others_put_on_are_news_also_where_one_chose_the_same(
    store: Store, team: Team, chairs: Deal
) -> None:
    page = press(unfold(seen_by(store, team, "ana", chairs), f"deal-{chairs.id}-labels"), "Edit")
    labelled(page.text_input, "Title").set_value("Chairs for the hall").run()
    with store.writing(team.bob) as tx:
        deals.set_labels(tx, chairs.id, ["VIP"])
    page.multiselect[0].set_value(["VIP"]).run()
    assert "Bob changed" in page.warning[0].value
