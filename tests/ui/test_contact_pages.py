"""The list of contacts and a contact's page, as each of the people sees them."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import companies, contacts, deals
from crm.contacts import ListQuery
from crm.pipelines import Pipeline
from crm.records import attributes
from crm.records.filters import All, Rule, dump
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, pick, undo_text, unfold
from tests.people import Team


def names(page: AppTest) -> list[str]:
    assert not page.exception
    return list(page.dataframe[0].value["Name"]) if page.dataframe else []


def said(page: AppTest) -> str:
    elements: list[Any] = [*page.caption, *page.error, *page.warning, *page.markdown, *page.subheader, *page.title]
    return "\n".join(str(element.value) for element in elements)


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label == label)


def labels_of(page: AppTest) -> list[str]:
    return [found.label for found in page.button]


def field(page: AppTest, label: str) -> Any:
    return next(found for found in page.text_input if found.label == label)


@pytest.fixture
def people(store: Store, team: Team) -> dict[str, int]:
    with store.writing(team.marta) as tx:
        company = companies.create(tx, name="Aurora", domain="aurora.example")
        return {
            "aurora": company.id,
            "ana": contacts.create(tx, name="Ana Souza", email="ana@aurora.example", city="Recife").id,
            "bia": contacts.create(tx, name="Bia", city="Porto", company_id=company.id).id,
            "caio": contacts.create(tx, name="Caio", city="Porto", owner_id=team.ids.bob).id,
        }


def test_an_empty_list_says_how_to_begin(store: Store, team: Team) -> None:
    page = open_page(store, "contacts", team.ana)
    assert "No contacts yet" in said(page)
    assert "Add a contact" in labels_of(page)


@pytest.mark.usefixtures("people")
def test_the_address_says_what_the_list_shows(store: Store, team: Team) -> None:
    assert names(open_page(store, "contacts", team.marta, sort="-name")) == ["Caio", "Bia", "Ana Souza"]
    assert names(open_page(store, "contacts", team.marta, q="SOUZA")) == ["Ana Souza"]
    asked = dump(All(of=(Rule(field="city", op="contains", value="porto"),)))
    narrowed = open_page(store, "contacts", team.marta, filter=asked, sort="name")
    assert names(narrowed) == ["Bia", "Caio"]
    assert "City contains “porto”" in said(narrowed)
    assert "2 contacts" in said(narrowed)


@pytest.mark.usefixtures("people")
def test_searching_filtering_and_sorting_write_the_address(store: Store, team: Team) -> None:
    page = open_page(store, "contacts", team.marta, page="1")
    page.text_input(key="contacts-search").set_value("cai").run()
    unfold(page, "contacts-filters").text_input(key="contacts-filter-city").set_value("porto").run()
    page.selectbox(key="contacts-sort").set_value("name").run()
    assert names(page) == ["Caio"]
    assert page.query_params["q"] == "cai"
    assert page.query_params["sort"] == "name"
    assert json.loads(page.query_params["filter"])["of"][0]["field"] == "city"
    button(page, "Clear").click().run()
    assert "filter" not in page.query_params
    page.selectbox(key="contacts-filter-owner_id").set_value(team.ids.bob).run()
    page.text_input(key="contacts-search").set_value("").run()
    assert names(page) == ["Caio"]
    page.selectbox(key="contacts-filter-owner_id").set_value(-1).run()
    assert sorted(names(page)) == ["Ana Souza", "Bia"]


@pytest.mark.usefixtures("people")
def test_a_filter_from_a_link_that_the_popover_cannot_draw_still_holds(store: Store, team: Team) -> None:
    asked = '{"kind":"not","of":{"kind":"rule","field":"city","op":"is","value":"Porto"}}'
    page = open_page(store, "contacts", team.marta, filter=asked)
    assert names(page) == ["Ana Souza"]
    assert "not (City is “Porto”)" in said(page).replace("\\", "")


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "query",
    [
        {"filter": "{"},
        {"filter": '{"kind":"rule","field":"gone","op":"is","value":"x"}'},
        {"sort": "DROP TABLE"},
        {"page": "99999999999999999999"},
        {"page": "-1"},
        {"q": "x" * 300},
    ],
)
def test_an_address_that_makes_no_sense_shows_a_list_all_the_same(
    store: Store, team: Team, query: dict[str, str]
) -> None:
    page = open_page(store, "contacts", team.marta, **query)
    assert not page.exception
    assert "contacts" in said(page)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "asked", ["{", dump(All(of=(Rule(field="last_activity_at", op="in_last_days", value=7),) * 41))]
)
def test_a_filter_that_is_refused_says_so_once(store: Store, team: Team, asked: str) -> None:
    page = open_page(store, "contacts", team.marta, filter=asked)
    assert len(page.error) == 1
    assert "3 contacts" in said(page)


def test_a_long_list_comes_in_pages_with_its_true_total(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        for number in range(60):
            contacts.create(tx, name=f"Person {number:02}")
    page = open_page(store, "contacts", team.marta, sort="name")
    assert (len(names(page)), "1–50 of 60 contacts" in said(page)) == (50, True)
    second = open_page(store, "contacts", team.marta, sort="name", page="2")
    assert names(second)[0] == "Person 50"
    assert "51–60 of 60 contacts" in said(second)


def test_custom_attributes_are_columns_of_the_list_and_rows_of_the_page(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="number")
        made = contacts.create(tx, name="Ana", attributes={"size": 7})
    page = open_page(store, "contacts", team.ada)
    assert list(page.dataframe[0].value["Size"]) == [7.0]
    assert not open_page(store, "contact", team.ada, contact=str(made.id)).exception


@pytest.mark.usefixtures("people")
def test_a_viewer_finds_and_reads_but_is_offered_no_change(store: Store, team: Team, people: dict[str, int]) -> None:
    page = open_page(store, "contacts", team.vera)
    assert len(names(page)) == 3
    assert "New contact" not in labels_of(page)
    record = open_page(store, "contact", team.vera, contact=str(people["ana"]))
    assert record.title[0].value == "Ana Souza"
    assert labels_of(record) == []


def test_a_rep_cannot_see_another_reps_contact_by_list_search_count_or_page(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.bob) as tx:
        secret = contacts.create(tx, name="Secret customer")
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Own customer")
    page = open_page(store, "contacts", team.ana)
    assert names(page) == ["Own customer"]
    assert "1 contact" in said(page)
    assert names(open_page(store, "contacts", team.ana, q="secret")) == []
    record = open_page(store, "contact", team.ana, contact=str(secret.id))
    assert "no such contact" in said(record)
    assert "Secret" not in said(record)


@pytest.mark.parametrize("word", ["99", "", "x", "-1", "1e3", "9" * 30])
def test_an_address_that_names_no_contact_says_so(store: Store, team: Team, word: str) -> None:
    page = open_page(store, "contact", team.marta, contact=word)
    assert not page.exception
    assert "no such contact" in said(page)


def test_a_new_contact_is_added_in_the_drawer_and_belongs_to_the_rep(store: Store, team: Team) -> None:
    page = open_page(store, "contacts", team.ana)
    button(page, "New contact").click().run()
    field(page, "Name").set_value("Zoe")
    field(page, "Email").set_value("zoe@example.com")
    button(page, "Add contact").click().run()
    with store.reading(team.ana) as tx:
        (made,) = contacts.find(tx, ListQuery()).items
    assert (made["name"], made["email"], made["owner_name"]) == ("Zoe", "zoe@example.com", "Ana")


@pytest.mark.usefixtures("people")
def test_a_double_is_refused_with_the_way_to_its_holder_and_the_draft_is_kept(store: Store, team: Team) -> None:
    page = open_page(store, "contacts", team.marta)
    button(page, "New contact").click().run()
    field(page, "Name").set_value("Ana again")
    field(page, "Email").set_value("ANA@aurora.example")
    button(page, "Add contact").click().run()
    assert "already belongs to “Ana Souza”" in said(page)
    assert field(page, "Name").value == "Ana again"
    with store.reading(team.marta) as tx:
        assert contacts.find(tx, ListQuery()).total == 3


def test_an_edit_sends_only_what_was_changed(store: Store, team: Team, people: dict[str, int]) -> None:
    page = open_page(store, "contact", team.marta, contact=str(people["ana"]))
    button(page, "Edit").click().run()
    field(page, "City").set_value("Olinda")
    button(page, "Save").click().run()
    assert not page.exception
    with store.reading(team.marta) as tx:
        after = contacts.get(tx, people["ana"])
    assert (after.city, after.email, after.version) == ("Olinda", "ana@aurora.example", 2)


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", "Olinda"), ("Take theirs", "Natal")])
def test_the_second_of_two_editors_sees_both_values_and_chooses(
    store: Store, team: Team, people: dict[str, int], choice: str, kept: str
) -> None:
    page = open_page(store, "contact", team.marta, contact=str(people["ana"]))
    button(page, "Edit").click().run()
    with store.writing(team.bob) as tx:
        contacts.edit(tx, people["ana"], city="Natal", country="Brasil")
    field(page, "City").set_value("Olinda")
    button(page, "Save").click().run()
    assert not page.exception
    assert "Bob changed" in said(page)
    shown = {found.value for found in page.markdown}
    assert {"**City** · it was **Recife**", "**Olinda**", "**Natal**"} <= shown
    assert (field(page, "City").value, field(page, "Country").value) == ("Olinda", "Brasil")
    assert button(page, "Save").disabled
    with store.reading(team.marta) as tx:
        assert contacts.get(tx, people["ana"]).city == "Natal"
    button(page, choice).click().run()
    assert field(page, "City").value == kept
    button(page, "Save").click().run()
    with store.reading(team.marta) as tx:
        after = contacts.get(tx, people["ana"])
    assert (after.city, after.country) == (kept, "Brasil")


def test_what_two_editors_changed_in_different_fields_is_all_kept(
    store: Store, team: Team, people: dict[str, int]
) -> None:
    page = open_page(store, "contact", team.marta, contact=str(people["ana"]))
    button(page, "Edit").click().run()
    with store.writing(team.bob) as tx:
        contacts.edit(tx, people["ana"], country="Brasil")
    field(page, "City").set_value("Olinda")
    button(page, "Save").click().run()
    assert not page.exception
    with store.reading(team.marta) as tx:
        after = contacts.get(tx, people["ana"])
    assert (after.city, after.country, after.version) == ("Olinda", "Brasil", 3)


def test_the_company_that_the_email_suggests_is_linked_with_one_click(
    store: Store, team: Team, people: dict[str, int]
) -> None:
    page = open_page(store, "contact", team.marta, contact=str(people["ana"]))
    page.button(key="link-suggested").click().run()
    with store.reading(team.marta) as tx:
        assert contacts.get(tx, people["ana"]).company_name == "Aurora"


def test_a_company_is_unlinked_and_another_is_picked(store: Store, team: Team, people: dict[str, int]) -> None:
    page = open_page(store, "contact", team.marta, contact=str(people["bia"]))
    page.button(key="unlink-company").click().run()
    unfold(page, f"contact-{people['bia']}-link-company")
    pick(page, f"contact-{people['bia']}-find-company", people["aurora"])
    with store.reading(team.marta) as tx:
        assert contacts.get(tx, people["bia"]).company_id == people["aurora"]


def test_labels_are_put_on_where_the_contact_is_shown(store: Store, team: Team, people: dict[str, int]) -> None:
    with store.writing(team.marta) as tx:
        contacts.set_labels(tx, people["bia"], ["VIP"])
    page = open_page(store, "contact", team.marta, contact=str(people["ana"]))
    unfold(page, f"contact-{people['ana']}-labels")
    page.multiselect[0].set_value(["VIP"]).run()
    with store.reading(team.marta) as tx:
        assert contacts.get(tx, people["ana"]).labels == ("VIP",)


def test_what_people_wrote_is_never_read_as_markup(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="**Bold** [x](http://evil.example) <b>y</b>", city="# Big")
        contacts.edit(tx, made.id, city="<script>alert(1)</script>")
    page = open_page(store, "contact", team.marta, contact=str(made.id))
    assert page.title[0].value == r"\*\*Bold\*\* \[x\]\(http\://evil\.example\) \<b\>y\</b\>"
    timeline = next(str(block.proto.body) for block in page.get("html") if "timeline'" in str(block.proto.body))
    assert "&lt;script&gt;" in timeline
    assert "<script>" not in timeline


def test_attributes_that_others_changed_are_shown_and_not_written_back(
    store: Store, team: Team, people: dict[str, int]
) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Deposit", type="currency")
        attributes.define(tx, model="contact", name="Floor", type="text")
        contacts.edit(tx, people["ana"], attributes={"deposit": "12.5", "floor": "First"})
    page = open_page(store, "contact", team.marta, contact=str(people["ana"]))
    button(page, "Edit").click().run()
    with store.writing(team.bob) as tx:
        contacts.edit(tx, people["ana"], attributes={"deposit": "99", "floor": "Third"})
    field(page, "Floor").set_value("Second")
    button(page, "Save").click().run()
    assert {"**Floor** · it was **First**", "**Second**", "**Third**"} <= {found.value for found in page.markdown}
    button(page, "Keep mine").click().run()
    button(page, "Save").click().run()
    assert not page.exception
    with store.reading(team.marta) as tx:
        assert contacts.get(tx, people["ana"]).attributes == {"deposit": 99, "floor": "Second"}


def test_a_contact_is_added_to_a_pipeline_on_their_page_and_taken_out_again(
    store: Store, team: Team, people: dict[str, int], sales: Pipeline
) -> None:
    page = open_page(store, "contact", team.ana, contact=str(people["bia"]))
    button(page, "Add to pipeline").click().run()
    page.selectbox(key="bulk-stage").set_value(sales.open_stages[1].id).run()
    button(page, "Add 1 deal").click().run()
    assert not page.exception
    assert undo_text(page) == "1 deal made."
    with store.reading(team.ana) as tx:
        [deal] = deals.of_contact(tx, people["bia"])
    assert (deal["title"], deal["stage_name"]) == ("Bia", "Talk")
    page.button(key="undo-press").click().run()
    with store.reading(team.ana) as tx:
        assert deals.of_contact(tx, people["bia"]) == []


@pytest.mark.parametrize("who", ["vera", "rui"])
def test_who_may_make_no_deals_is_offered_no_pipeline_on_a_contacts_page(
    store: Store, team: Team, people: dict[str, int], who: str
) -> None:
    page = open_page(store, "contact", getattr(team, who), contact=str(people["bia"]))
    assert not page.exception
    assert "Add to pipeline" not in labels_of(page)
