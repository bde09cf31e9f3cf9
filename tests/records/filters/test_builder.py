"""The builder beside a list: what it offers, counts and says, and the address that it writes."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import companies, contacts, deals, pipelines
from crm.records import attributes, labels, segments
from crm.records.filters import All, Any_, Filter, Measure, Not, Related, Rule, dump, parse
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, unfold
from tests.people import Team

RECIFE = Rule(field="city", op="is", value="Recife")
OPEN = Rule(field="status", op="is", value="open")
LARGE = Rule(field="value", op="more_than", value=1000)


@pytest.fixture
def people(store: Store, team: Team) -> None:
    """Four in two cities; one of them with an open deal of 5,000, another with one of 10."""
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Offer"])
        for name, city, value in (
            ("Ana L", "Recife", 5000),
            ("Bia", "Recife", 10),
            ("Caio", "Natal", 0),
            ("Duda", "Natal", 0),
        ):
            contact = contacts.create(tx, name=name, city=city)
            if value:
                deals.create(tx, title=name, pipeline_id=sales.id, contact_id=contact.id, value=value, currency="BRL")


def opened(store: Store, team: Team, asked: Filter | None = None, *, list: str = "contacts", **query: str) -> AppTest:
    """The list with its builder open."""
    page = open_page(store, list, team.marta, **query, **({"filter": dump(asked)} if asked else {}))
    within = f"{list}-{query['segment']}" if "segment" in query else list
    page.button(key=f"{within}-build").click().run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(str(element.value) for element in [*page.markdown, *page.caption])


def pick(page: AppTest, label: str, value: Any, nth: int = -1) -> None:
    """Choose in the nth box of this label."""
    [found for found in page.selectbox if found.label == label][nth].set_value(value).run()


def counts(page: AppTest) -> list[str]:
    """What stands beside the lines, in the order in which they are shown."""
    assert not page.exception
    return [str(each.value)[7:-1] for each in page.markdown if str(each.value).startswith(":small[")]


def apply(page: AppTest) -> Filter | None:
    page.button(key="filter-draft-apply").click().run()
    assert not page.exception
    return parse(page.query_params["filter"]) if "filter" in page.query_params else None


def test_a_condition_without_a_value_says_that_it_is_left_out(store: Store, team: Team) -> None:
    page = opened(store, team, All(of=(RECIFE,)))
    assert "unfinished" not in said(page)
    pick(page, "Field", "name")
    assert "unfinished" in said(page)


@pytest.mark.usefixtures("people")
def test_a_filter_is_built_counted_and_written_to_the_address(store: Store, team: Team) -> None:
    page = opened(store, team)
    assert "**4** contacts" in said(page)
    pick(page, "Field", "city")
    next(box for box in page.text_input if box.label == "Value").set_value("reci").run()
    assert "**2** of 4 contacts" in said(page)
    assert "City contains “reci”" in said(page)
    assert counts(page) == ["2"]
    assert apply(page) == All(of=(Rule(field="city", op="contains", value="reci"),))
    assert sorted(page.dataframe[0].value["Name"]) == ["Ana L", "Bia"]
    assert "filter-draft-apply" not in [each.key for each in page.button]


@pytest.mark.usefixtures("people")
def test_each_line_is_counted_alone_and_with_those_above_it(store: Store, team: Team) -> None:
    block = Related(relation="deals", of=(OPEN, LARGE))
    page = opened(store, team, All(of=(RECIFE, block)))
    assert counts(page) == ["2", "1 :gray[→ 1]", "2", "1"]
    assert "**1** of 4 contacts" in said(page)
    assert "**the same deal**" in said(page)


@pytest.mark.usefixtures("people")
def test_the_builder_keeps_the_filter_that_it_was_given(store: Store, team: Team) -> None:
    measure = Measure(figure="sum", field="value", currency="BRL", op="more_than", value=100)
    asked = All(
        of=(
            Any_(of=(RECIFE, Rule(field="created_at", op="in_this", value="month"))),
            Not(of=Any_(of=(Rule(field="name", op="one_of", value=("Caio", "Duda")),))),
            Not(
                of=Related(
                    relation="deals", of=(Rule(field="closed_on", op="between", value=("2026-01-01", "2026-02-01")),)
                )
            ),
            Related(relation="deals", of=(OPEN,), measure=measure),
            Related(relation="notes", measure=Measure(figure="count", op="at_most", value=3)),
            Rule(field="owner_id", op="one_of", value=(team.ids.marta, team.ids.ana)),
            Rule(field="blocked", op="is", value=False),
            Rule(field="updated_at", op="more_than_days_ahead", value=3),
        )
    )
    assert apply(opened(store, team, asked)) == asked


@pytest.mark.usefixtures("people")
def test_conditions_groups_and_blocks_are_added_and_taken_out(store: Store, team: Team) -> None:
    page = opened(store, team, All(of=(RECIFE,)))

    def add(label: str, nth: int) -> None:
        [each for each in page.button if each.label == label][nth].click().run()

    add("Deals", -1)
    pick(page, "Field", "status")
    pick(page, "Value", "open")
    add("Group", -1)
    pick(page, "Which of these", "none")
    pick(page, "Field", "name")
    page.text_input[-1].set_value("bia").run()
    none = Not(of=Any_(of=(Rule(field="name", op="contains", value="bia"),)))
    assert "**1** of 4 contacts" in said(page)
    next(each for each in page.button if each.help == "Remove this condition").click().run()
    assert apply(page) == All(of=(Related(relation="deals", of=(OPEN,)), none))


@pytest.mark.usefixtures("people")
def test_a_block_turns_to_none_and_to_a_figure(store: Store, team: Team) -> None:
    page = opened(store, team, All(of=(Related(relation="deals", of=(OPEN,)),)))
    pick(page, "How many", "no")
    assert "has no deal where Status is Open" in said(page)
    assert "**2** of 4 contacts" in said(page)
    pick(page, "How many", "sum")
    pick(page, "Field", "value", nth=0)
    pick(page, "Condition", "at_least", nth=0)
    next(box for box in page.number_input if box.label == "Value").set_value(10.0).run()
    asked = apply(page)
    measure = Measure(figure="sum", field="value", currency="BRL", op="at_least", value=10)
    assert asked == All(of=(Related(relation="deals", of=(OPEN,), measure=measure),))
    assert sorted(page.dataframe[0].value["Name"]) == ["Ana L", "Bia"]


@pytest.mark.usefixtures("people")
def test_another_field_starts_afresh(store: Store, team: Team) -> None:
    page = opened(store, team, All(of=(RECIFE,)))
    pick(page, "Field", "created_at")
    assert "**4** contacts" in said(page)
    assert apply(page) is None


def test_what_is_gone_is_marked_and_everything_else_stays_as_it_is(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Ana L", city="Recife")
    gone = Rule(field="attribute:floor", op="is", value="3")
    asked = All(of=(RECIFE, gone, Rule(field="label", op="is", value=99), Related(relation="orders")))
    page = opened(store, team, asked)
    assert "Fix or remove what is marked" in said(page)
    assert "“attribute\\:floor” no longer exists" in said(page)
    assert "“orders” can no longer be filtered by" in said(page)
    assert counts(page) == ["1"]
    for _ in range(3):
        [each for each in page.button if (each.help or "").startswith("Remove")][1].click().run()
    assert "**1** of 1 contacts" in said(page)
    assert apply(page) == All(of=(RECIFE,))


def test_attributes_and_labels_have_the_widget_of_their_type(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="number")
        attributes.define(tx, model="contact", name="Paid", type="checkbox")
        attributes.define(tx, model="contact", name="Since", type="date")
        made = contacts.create(tx, name="**Ana**", attributes={"size": 7, "paid": True})
        contacts.set_labels(tx, made.id, ["V*I*P"])
        vip = labels.all_of(tx)[0].id
    asked = All(
        of=(
            Rule(field="attribute:size", op="between", value=(5, 9)),
            Rule(field="attribute:paid", op="is", value=True),
            Rule(field="attribute:since", op="is_empty"),
            Rule(field="label", op="one_of", value=(vip,)),
        )
    )
    page = opened(store, team, asked)
    assert "**1** of 1 contacts" in said(page)
    assert r"Label is one of V\*I\*P" in said(page)
    assert apply(page) == asked


def test_companies_are_filtered_by_their_contacts(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora", domain="aurora.example")
        companies.create(tx, name="Zenith", domain="zenith.example")
        contacts.create(tx, name="Ana L", city="Recife", company_id=aurora.id)
    page = opened(store, team, All(of=(Related(relation="contacts", of=(RECIFE,)),)), list="companies")
    assert "**1** of 2 companies" in said(page)


@pytest.mark.usefixtures("people")
def test_counts_are_of_what_one_may_see(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Mine", city="Recife")
    page = open_page(store, "contacts", team.ana, filter=dump(Not(of=RECIFE)))
    page.button(key="contacts-build").click().run()
    assert "**0** of 1 contacts" in said(page)


@pytest.mark.usefixtures("people")
def test_a_viewer_builds_filters_too_and_everything_comes_back(store: Store, team: Team) -> None:
    page = open_page(store, "contacts", team.vera, filter=dump(Not(of=RECIFE)))
    page.button(key="contacts-build").click().run()
    page.button(key="filter-draft-clear").click().run()
    assert len(page.dataframe[0].value) == 4
    assert "filter" not in page.query_params


@pytest.mark.usefixtures("people")
def test_a_filter_that_the_popover_can_show_is_shown_there(store: Store, team: Team) -> None:
    page = open_page(
        store, "contacts", team.marta, filter=dump(All(of=(Rule(field="city", op="contains", value="x"),)))
    )
    assert unfold(page, "contacts-filters").text_input(key="contacts-filter-city").value == "x"
    other = open_page(store, "contacts", team.marta, filter=dump(All(of=(Related(relation="deals"),))))
    assert not [each for each in other.text_input if each.key == "contacts-filter-city"]
    assert json.loads(other.query_params["filter"])["of"][0]["relation"] == "deals"


@pytest.mark.usefixtures("people")
def test_within_a_segment_the_counts_are_of_the_segment(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        segment = segments.create(tx, kind="contacts", name="In Recife", filter=RECIFE)
    page = opened(store, team, All(of=(Related(relation="deals", of=(LARGE,)),)), segment=str(segment.id))
    assert "**1** of 2 contacts" in said(page)
