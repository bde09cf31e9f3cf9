"""The page of the bin, as each of the people sees it."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import contacts, deals, pipelines
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page
from tests.people import Team


def names(page: AppTest) -> list[str]:
    assert not page.exception
    return list(page.dataframe[0].value["Name"]) if page.dataframe else []


def said(page: AppTest) -> str:
    elements: list[Any] = [*page.caption, *page.warning, *page.subheader]
    return "\n".join(str(element.value) for element in elements)


@pytest.fixture
def deleted(store: Store, team: Team) -> dict[str, int]:
    """Ana's contact and deal, both in the bin."""
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
    with store.writing(team.ana) as tx:
        zoe = contacts.create(tx, name="Zoé", email="zoe@example.com")
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id)
        contacts.delete(tx, zoe.id)
        deals.delete(tx, chairs.id)
    return {"contact": zoe.id, "deal": chairs.id}


def test_an_empty_bin_says_what_it_is_for(store: Store, team: Team) -> None:
    assert "The bin is empty" in said(open_page(store, "bin", team.ana))


@pytest.mark.usefixtures("deleted")
def test_the_bin_lists_every_kind_with_who_deleted_it(store: Store, team: Team) -> None:
    page = open_page(store, "bin", team.marta)
    assert names(page) == ["Zoé", "Chairs"]
    assert list(page.dataframe[0].value["By"]) == ["Ana", "Ana"]
    assert "2 records" in said(page)
    assert names(open_page(store, "bin", team.marta, q="ZOE")) == ["Zoé"]
    assert names(open_page(store, "bin", team.marta, kind="deal")) == ["Chairs"]
    assert "Nothing in the bin matches" in said(open_page(store, "bin", team.marta, q="nobody"))


@pytest.mark.usefixtures("deleted")
def test_with_privacy_on_a_rep_sees_their_own_bin_alone(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    assert names(open_page(store, "bin", team.bob)) == []
    assert names(open_page(store, "bin", team.ana)) == ["Zoé", "Chairs"]
