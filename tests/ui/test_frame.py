"""The frame around every page: drawn once a page, from what a session keeps while it holds."""

import polars as pl
import pytest
from streamlit import user_info

from crm import contacts, deals, pipelines
from crm.foundation.access import Module, Role
from crm.platform import workspace
from crm.platform.people import users
from crm.records import labels
from crm.store import Store
from crm.ui.app import main, places
from crm.ui.views import board_payload
from tests.pages import open_page
from tests.people import Team

pytestmark = pytest.mark.usefixtures("framed")


def counting(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[object]:
    """One entry for each call of the function from now on."""
    calls: list[object] = []
    own = getattr(owner, name)

    def count(*args: object, **kwargs: object) -> object:
        calls.append(args)
        return own(*args, **kwargs)

    monkeypatch.setattr(owner, name, count)
    return calls


def test_who_is_here_is_looked_up_once_a_session_and_its_end_is_seen_all_the_same(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(store, "contacts", team.ana)
    lookups = counting(monkeypatch, user_info, "_get_user_info")
    page.run()
    assert page.title[0].value == "Contacts"
    assert not lookups
    with store.writing(team.ada) as tx:
        users.disable(tx, team.ids.ana)
    page.run()
    assert "Your session has ended" in page.info[0].value


def test_pages_are_made_once_a_session_and_anew_where_rights_or_modules_change(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(store, "orders", team.marta)
    made = counting(monkeypatch, places, "of_actor")
    page.run()
    assert not made
    assert page.info[0].value.startswith("This page is switched off")
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    page.run()
    assert page.title[0].value == "Orders"
    assert not page.info
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.marta, role=Role.VIEWER)
    page.run()
    assert len(made) == 2


def test_the_entrance_draws_no_frame_of_its_own(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = counting(monkeypatch, main, "_user_menu")
    page = open_page(store, "", team.ana)
    assert page.title[0].value.endswith(", Ana")
    assert len(drawn) == 1


def test_a_list_goes_to_its_table_without_a_detour(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writing(team.ana) as tx:
        labels.put(tx, "contact", contacts.create(tx, name="Lia").id, [labels.create(tx, "VIP")])
        contacts.create(tx, name="Rui")
    detours = counting(monkeypatch, pl.DataFrame, "to_pandas")
    page = open_page(store, "contacts", team.ana, sort="name")
    table = page.dataframe[0].value
    assert list(table["Name"]) == ["Lia", "Rui"]
    assert [list(names) for names in table["Labels"]] == [["VIP"], []]
    assert not detours


def test_a_board_is_encoded_once_for_all_who_see_the_same(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk"])
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id)
    encoded = counting(monkeypatch, board_payload, "payload")
    ana, bob = open_page(store, "pipeline", team.ana), open_page(store, "pipeline", team.bob)
    ana.run()
    assert len(encoded) == 1
    open_page(store, "pipeline", team.vera)  # who may not move what is on it
    assert len(encoded) == 2
    with store.writing(team.bob) as tx:
        deals.move(tx, deal.id, to_stage=sales.open_stages[1].id, version=deal.version)
    bob.run()
    assert len(encoded) == 3
