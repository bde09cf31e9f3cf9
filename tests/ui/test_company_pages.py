"""The list of companies and a company's page, as each of the people sees them."""

from crm import companies, contacts, deals, pipelines
from crm.companies import ListQuery
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, unfold
from tests.people import Team
from tests.ui.test_contact_pages import button, field, labels_of, names, said


def test_companies_are_listed_with_the_number_of_their_contacts(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora", domain="aurora.example")
        companies.create(tx, name="Boreal")
        contacts.create(tx, name="Ana", company_id=aurora.id)
    page = open_page(store, "companies", team.vera)
    assert names(page) == ["Aurora", "Boreal"]
    assert list(page.dataframe[0].value["Contacts"]) == [1, 0]
    assert "New company" not in labels_of(page)
    assert names(open_page(store, "companies", team.vera, q="aurora.example")) == ["Aurora"]


def test_a_companys_page_shows_its_people_its_deals_and_what_they_come_to(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora")
        contacts.create(tx, name="Ana", company_id=aurora.id)
        pipeline = pipelines.create(tx, "Sales", stages=["New", "Won", "Lost"])
        deals.create(tx, title="Big one", pipeline_id=pipeline.id, value=1000, currency="BRL", company_id=aurora.id)
        deals.create(tx, title="Small one", pipeline_id=pipeline.id, value=5, currency="USD", company_id=aurora.id)
    page = open_page(store, "company", team.marta, company=str(aurora.id))
    assert not page.exception
    assert [metric.label for metric in page.metric] == ["1 open in BRL", "1 open in USD"]
    links = [str(link.proto.label).split("  \n")[0] for link in page.get("page_link")]
    assert links == ["Ana", "Small one", "Big one"]
    unfold(page, "company-tabs", "Deals")
    assert sorted(page.dataframe[0].value["Deal"]) == ["Big one", "Small one"]


def test_a_new_company_is_added_and_a_double_refused_in_the_drawer(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        companies.create(tx, name="Aurora", domain="aurora.example")
    page = open_page(store, "companies", team.marta)
    button(page, "New company").click().run()
    field(page, "Name").set_value("Boreal")
    field(page, "Domain").set_value("aurora.example")
    button(page, "Add company").click().run()
    assert "already belongs to “Aurora”" in said(page)
    field(page, "Domain").set_value("boreal.example")
    button(page, "Add company").click().run()
    with store.reading(team.marta) as tx:
        assert [row["name"] for row in companies.find(tx, ListQuery(sort="name")).items] == ["Aurora", "Boreal"]


def test_an_edit_of_a_company_is_saved(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora")
    page = open_page(store, "company", team.marta, company=str(aurora.id))
    button(page, "Edit").click().run()
    next(area for area in page.text_area if area.label == "Description").set_value("Parts and tools")
    button(page, "Save").click().run()
    with store.reading(team.marta) as tx:
        assert companies.get(tx, aurora.id).description == "Parts and tools"


def test_a_company_of_another_rep_is_not_found(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.bob) as tx:
        secret = companies.create(tx, name="Secret company")
    page = open_page(store, "company", team.ana, company=str(secret.id))
    assert "no such company" in said(page)
    assert "Secret" not in said(page)
    assert names(open_page(store, "companies", team.ana)) == []


def test_a_company_seen_for_a_contacts_sake_is_shown_and_not_offered_for_change(store: Store, team: Team) -> None:
    with store.writing(team.bob) as tx:
        acme = companies.create(tx, name="Acme")
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Lia", company_id=acme.id)
    owner_privacy(store, team)
    page = open_page(store, "company", team.ana, company=str(acme.id))
    assert "Acme" in page.title[0].value
    assert "Edit" not in [one.label for one in page.button]
    assert "Not yours to change" in said(page)
    theirs = open_page(store, "company", team.bob, company=str(acme.id))
    assert "Edit" in [one.label for one in theirs.button]
    assert "Not yours to change" not in said(theirs)


def test_a_declared_field_that_the_page_does_not_name_is_among_the_details(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora", domain="aurora.example", description="Parts and tools")
    page = open_page(store, "company", team.marta, company=str(aurora.id))
    assert not page.exception
    [details] = [one.value for one in page.markdown if "aurora.example" in one.value.replace("\\", "")]
    assert "| Description | Parts and tools |" in details
