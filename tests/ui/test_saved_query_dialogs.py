"""The dialogs that segments and saved views share: a new name, an end, and what is said when either is refused."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from crm import pipelines
from crm.deals import saved_views
from crm.records import segments
from crm.records.saved_queries import SavedQuery
from crm.store import Store
from tests.pages import open_page
from tests.people import Team
from tests.ui.test_contact_pages import button, said

Opened = Callable[[str], AppTest]
"""The page of a question of Ana's, called Late, with the dialog open that renames or deletes it."""


@pytest.fixture(params=["segment", "view"])
def noun(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(store: Store, team: Team, noun: str) -> Opened:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
    query: SavedQuery
    with store.writing(team.ana) as tx:
        if noun == "segment":
            query = segments.create(tx, kind="contacts", name="Late", search="x", shared=True)
            segments.create(tx, kind="contacts", name="Early", search="y")
        else:
            query = saved_views.create(tx, pipeline_id=sales.id, name="Late", shared=True)
            saved_views.create(tx, pipeline_id=sales.id, name="Early")

    def open_dialog(which: str) -> AppTest:
        place = "contacts" if noun == "segment" else "pipeline"
        page = open_page(store, place, team.ana, **{noun: str(query.id)})
        page.session_state["drawer-open"] = f"{which}-{noun}"
        page.run()
        assert not page.exception
        return page

    return open_dialog


def names(store: Store, team: Team, noun: str) -> list[str]:
    with store.reading(team.ana) as tx:
        found = segments.of_kind(tx) if noun == "segment" else saved_views.all_of(tx)
    return [one.name for one in found]


def test_a_saved_query_gets_a_new_name_unless_it_is_taken(store: Store, team: Team, noun: str, opened: Opened) -> None:
    page = opened("rename")
    name = next(field for field in page.text_input if field.label == "Name")
    assert name.value == "Late"
    name.set_value("early")
    button(page, "Save").click().run()
    assert any(f"You have a {noun} called “early” already" in error.value for error in page.error)
    next(field for field in page.text_input if field.label == "Name").set_value("Overdue")
    button(page, "Save").click().run()
    assert not page.exception
    assert names(store, team, noun) == ["Early", "Overdue"]


def test_a_saved_query_is_deleted_only_when_one_is_sure(store: Store, team: Team, noun: str, opened: Opened) -> None:
    page = opened("delete")
    assert "It is shared: others lose it too." in said(page)
    page.button(key=f"{noun}-keep").click().run()
    assert names(store, team, noun) == ["Early", "Late"]
    page = opened("delete")
    page.button(key=f"{noun}-delete-sure").click().run()
    assert not page.exception
    assert names(store, team, noun) == ["Early"]
    assert page.query_params.get(noun) in (None, "none")
