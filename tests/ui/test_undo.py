"""The message after an action, and its undo, on the pages where people act."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from crm import companies, contacts, deals, orders
from crm.deals import Deal
from crm.foundation.access import Module
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records import attributes, registry
from crm.records.history import history
from crm.store import Store
from tests.pages import open_page, undo_text
from tests.people import Team
from tests.ui.conftest import now
from tests.ui.test_pipeline_page import labelled, moves_script, press, sent
from tests.ui.test_views_page import typing


def undo(page: AppTest) -> AppTest:
    page.button(key="undo-press").click().run()
    assert not page.exception
    return page


def test_a_press_on_the_path_is_undone(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    page = open_page(store, "deal", team.ana, deal=str(chairs.id))
    page.segmented_control[0].set_value(sales.stages[1].id).run()
    assert undo_text(page) == "“Chairs *and* desks” moved to Talk."
    undo(page)
    assert now(store, team, chairs).stage_id == chairs.stage_id
    assert undo_text(page) == "Undone."
    assert "undo-press" not in [button.key for button in page.button]


def test_won_and_reopened_are_undone_on_the_deals_page(store: Store, team: Team, chairs: Deal) -> None:
    page = open_page(store, "deal", team.ana, deal=str(chairs.id))
    press(press(page, "Won"), "Mark as won")
    assert undo_text(page) == "“Chairs *and* desks” is won."
    undo(page)
    assert now(store, team, chairs).is_open
    press(press(page, "Won"), "Mark as won")
    press(page, "Reopen")
    assert undo_text(page) == "“Chairs *and* desks” is open again, in Lead."
    undo(page)
    assert now(store, team, chairs).status == "won"


def test_lost_in_the_drawer_is_undone_on_the_board(store: Store, team: Team, chairs: Deal) -> None:
    page = press(open_page(store, "pipeline", team.ana, deal=str(chairs.id)), "Lost")
    labelled(page.text_area, "Note").set_value("Too dear").run()
    press(page, "Mark as lost")
    undo(page)
    assert now(store, team, chairs).is_open


def test_an_edit_in_the_drawer_is_set_back_and_history_tells_both(store: Store, team: Team, chairs: Deal) -> None:
    page = open_page(store, "pipeline", team.ana, deal=str(chairs.id))
    labelled(page.text_input, "Title").set_value("Stools").run()
    press(page, "Save")
    assert undo_text(page) == "Saved “Stools”."
    undo(page)
    assert now(store, team, chairs).title == "Chairs *and* desks"
    with store.reading(team.ana) as tx:
        assert [event.name for event in history(tx, "deal", chairs.id)][:2] == ["deal.changed", "deal.changed"]


def test_an_attribute_that_was_set_is_unset_again(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Floor", type="text")
    page = press(open_page(store, "deal", team.ana, deal=str(chairs.id)), "Edit")
    labelled(page.text_input, "Floor").set_value("Second").run()
    press(page, "Save")
    assert now(store, team, chairs).attributes["floor"] == "Second"
    undo(page)
    assert now(store, team, chairs).attributes.get("floor") is None


def test_what_another_changed_since_is_not_undone_and_the_message_says_so(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    page = open_page(store, "deal", team.ana, deal=str(chairs.id))
    page.segmented_control[0].set_value(sales.stages[1].id).run()
    with store.writing(team.marta) as tx:
        deals.edit(tx, chairs.id, title="Stools")
    undo(page)
    assert undo_text(page).startswith("Not undone. Marta changed “Stools”")
    assert now(store, team, chairs).stage_name == "Talk"


@pytest.mark.parametrize("kind", ["deal", "contact", "company", "order"])
def test_a_deleted_record_is_restored_from_the_list(
    store: Store, team: Team, chairs: Deal, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ana) as tx:
        contact = contacts.create(tx, name="Lia")
        order = orders.create(tx, title="Lamp", contact_id=contact.id, value=10, currency="BRL")
        ids = {
            "deal": chairs.id,
            "contact": contact.id,
            "company": companies.create(tx, name="Aurora").id,
            "order": order.id,
        }
    with monkeypatch.context() as chosen:  # no AppTest chooses from a menu
        chosen.setattr(st, "menu_button", lambda _, options, **__: "Delete" if "Delete" in options else None)
        page = press(open_page(store, kind, team.marta, **{kind: str(ids[kind])}), "Delete")
    assert undo_text(page).endswith("is in the bin, for 30 days.")
    undo(page)
    with store.reading(team.marta) as tx:
        assert registry.room(kind).get(tx, ids[kind])


def test_a_move_of_the_board_is_undone_once(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    script = moves_script(store, team.ana)
    script.session_state["sent"] = [sent(chairs, 1, sales.stages[1].id, 1)]
    script.run()
    message = script.session_state["undo"]
    assert message.text == "“Chairs *and* desks” moved to Talk."
    page = open_page(store, "pipeline", team.ana)
    page.session_state["undo"] = message
    page.run()
    undo(page)
    assert now(store, team, chairs).stage_id == chairs.stage_id


def test_rows_of_the_table_are_undone_together(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        lamps = deals.create(tx, title="Lamps", pipeline_id=sales.id)
        chairs = deals.set_labels(tx, chairs.id, ["Oak"])
    page = typing(
        store,
        team.ana,
        {
            chairs.id: {"version seen": chairs.version, "title seen": "Chairs", "title": "Stools", "stage": "Talk"},
            lamps.id: {"version seen": 1, "title seen": "Lamps", "value": 90.5},
        },
    )
    press(page, "Save 2 deals")
    assert undo_text(page) == "2 deals saved."
    assert (now(store, team, chairs).title, now(store, team, chairs).stage_name) == ("Stools", "Talk")
    undo(page)
    for deal in (chairs, lamps):
        found = now(store, team, deal)
        assert found.model_copy(update={"version": deal.version, "updated_at": deal.updated_at}) == deal
    with store.reading(team.ana) as tx:
        assert [move.to_stage for move in deals.movements(tx, chairs.id)] == ["Lead"]


def test_of_rows_that_another_changed_since_none_is_undone(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        lamps = deals.create(tx, title="Lamps", pipeline_id=sales.id)
    typed = {deal.id: {"version seen": 1, "title seen": "", "value": 5.0} for deal in (chairs, lamps)}
    page = press(typing(store, team.ana, typed), "Save 2 deals")
    with store.writing(team.marta) as tx:
        deals.edit(tx, lamps.id, title="Lights")
    undo(page)
    assert undo_text(page).startswith("Not undone. Marta changed “Lights”")
    assert [now(store, team, deal).value for deal in (chairs, lamps)] == [5, 5]


def test_one_row_that_was_saved_is_named(store: Store, team: Team, chairs: Deal) -> None:
    page = typing(store, team.ana, {chairs.id: {"version seen": 1, "title seen": "", "title": "Stools"}})
    assert undo_text(press(page, "Save 1 deal")) == "Saved “Stools”."
    undo(page)
    assert now(store, team, chairs).title == "Chairs *and* desks"


def test_a_contact_that_was_blocked_is_unblocked_and_blocked_again(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia")
    for entry, text, blocked in (
        ("Block", "“Lia” is blocked.", True),
        ("Unblock", "“Lia” is not blocked any more.", False),
    ):
        with store.writing(team.ana) as tx:
            (contacts.unblock if blocked else contacts.block)(tx, lia.id)
        page = open_page(store, "contact", team.ana, contact=str(lia.id))
        with monkeypatch.context() as chosen:  # no AppTest chooses from a menu; the rerun that follows finds it closed
            entries = [entry]
            chosen.setattr(
                st, "menu_button", lambda _, options, entries=entries, **__: entries.pop() if entries else None
            )
            page.run()
        assert undo_text(page) == text
        with store.reading(team.ana) as tx:
            assert contacts.get(tx, lia.id).blocked is blocked
        undo(page)
        with store.reading(team.ana) as tx:
            assert contacts.get(tx, lia.id).blocked is not blocked
