"""The dialog of a new deal on the pages of a contact and of a company."""

import pytest
from streamlit.testing.v1 import AppTest

from crm import companies, contacts, deals, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records.listing import ListQuery
from crm.store import Row, Store
from tests.pages import open_page
from tests.people import Team


@pytest.fixture
def sales(store: Store) -> Pipeline:
    with store.writing(SYSTEM) as tx:
        for module in (Module.COMPANIES, Module.CRM):
            workspace.switch(tx, module, True)
        return pipelines.create(tx, "Sales", ["New", "Offer"])


def made(store: Store, team: Team) -> Row:
    with store.reading(team.ada) as tx:
        (deal,) = deals.find(tx, ListQuery()).items
    return deal


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def test_a_contact_and_their_company_stand_in_their_new_deal(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        aurora = companies.create(tx, name="Aurora")
        lia = contacts.create(tx, name="Lia", company_id=aurora.id)
    page = press(open_page(store, "contact", team.ana, contact=str(lia.id)), "new-deal-of-record")
    press(page, "new-deal-save")
    deal = made(store, team)
    assert (deal["title"], deal["contact_id"], deal["company_id"]) == ("Lia", lia.id, aurora.id)
    assert deal["stage_id"] == sales.open_stages[0].id
    assert "new-deal-asked" not in page.session_state


def test_a_companys_deal_goes_into_the_pipeline_that_is_chosen(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        aurora = companies.create(tx, name="Aurora")
    with store.writing(SYSTEM) as tx:
        partners = pipelines.create(tx, "Partners", ["Talk", "Sign"])
    page = press(open_page(store, "company", team.ana, company=str(aurora.id)), "new-deal-of-record")
    page.selectbox(key="new-deal-pipeline").set_value(partners.id).run()
    page.text_input(key="new-deal-title").set_value("A year of chairs")
    press(page, "new-deal-save")
    deal = made(store, team)
    assert (deal["title"], deal["company_id"], deal["pipeline_id"]) == ("A year of chairs", aurora.id, partners.id)


def test_who_may_make_no_deals_is_offered_none(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia")
    page = open_page(store, "contact", team.vera, contact=str(lia.id))
    assert "new-deal-of-record" not in [button.key for button in page.button]
