"""The page of orders, and the orders on the pages of contacts, companies and deals, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from crm import companies, contacts, deals, orders, pipelines
from crm.contacts import Contact
from crm.foundation.access import Module
from crm.orders import Order
from crm.platform import preferences, workspace
from crm.records import segments
from crm.records.filters import Rule, dump
from crm.records.listing import ListQuery
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, pick, unfold
from tests.people import Team
from tests.ui.test_pipeline_page import buttons, labelled, press


@pytest.fixture(autouse=True)
def module_on(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)


@pytest.fixture
def lia(store: Store, team: Team) -> Contact:
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Lia *Prado*", email="lia@example.com")


@pytest.fixture
def lamp(store: Store, team: Team, lia: Contact) -> Order:
    with store.writing(team.ana) as tx:
        return orders.create(tx, title="Lamp [x](y)", contact_id=lia.id, value="250.00", status="paid", currency="BRL")


@pytest.fixture
def tea(store: Store, team: Team, lia: Contact) -> Order:
    with store.writing(team.ana) as tx:
        return orders.create(tx, title="Tea", contact_id=lia.id, value="12", status="refunded", currency="USD")


def seen(store: Store, team: Team, who: str = "ana", **query: str) -> AppTest:
    page = open_page(store, "orders", getattr(team, who), **query)
    assert not page.exception
    return page


def opened(store: Store, team: Team, order: Order, who: str = "ana", **query: str) -> AppTest:
    """The page of the order."""
    page = open_page(store, "order", getattr(team, who), order=str(order.id), **query)
    assert not page.exception
    return page


def edited(store: Store, team: Team, order: Order) -> AppTest:
    """The page of the order with the drawer of its form open."""
    return press(opened(store, team, order), "Edit")


def column(page: AppTest, name: str) -> list[str]:
    return next(list(frame.value[name]) for frame in page.dataframe if name in frame.value)


def linked(page: AppTest) -> set[tuple[str, str]]:
    """(page, query) of the links."""
    return {(link.proto.page, link.proto.query_string) for link in page.get("page_link")}


def now(store: Store, team: Team, order: Order) -> Order:
    with store.reading(team.marta) as tx:
        return orders.get(tx, order.id)


def test_the_list_and_its_totals_keep_currencies_apart(store: Store, team: Team, lamp: Order, tea: Order) -> None:
    page = seen(store, team)
    assert sorted(column(page, "Order")) == ["Lamp [x](y)", "Tea"]
    assert {metric.label: metric.value for metric in page.metric} == {
        "1 order in BRL": "R$250",
        "1 order in USD": "$12",
    }


def test_a_page_after_the_last_is_the_last_not_an_empty_list(store: Store, team: Team, lamp: Order, tea: Order) -> None:
    page = seen(store, team, page="7", sort="-value")
    assert column(page, "Order") == ["Lamp [x](y)", "Tea"]
    assert "page" not in page.query_params
    assert not any("No orders yet" in subheader.value for subheader in seen(store, team, page="7").subheader)


def test_filter_search_and_sort_stand_in_the_address(store: Store, team: Team, lamp: Order, tea: Order) -> None:
    paid = dump(Rule(field="status", op="is", value="paid"))
    assert column(seen(store, team, filter=paid), "Order") == ["Lamp [x](y)"]
    assert column(seen(store, team, q="prado tea"), "Order") == ["Tea"]
    assert column(seen(store, team, sort="-value"), "Order") == ["Lamp [x](y)", "Tea"]
    assert column(seen(store, team, sort="value"), "Order") == ["Tea", "Lamp [x](y)"]
    page = seen(store, team, q="nothing like it")
    assert "No order matches" in [one.value for one in page.subheader]


def test_what_makes_no_sense_is_shown_beside_the_order_and_in_it(store: Store, team: Team, tea: Order) -> None:
    assert "refunded before it was paid" in column(seen(store, team), "Why")[0]
    page = opened(store, team, tea)
    assert any("refunded before it was paid" in one.value.replace("\\", "") for one in page.warning)


def test_an_order_is_made_from_the_list_and_opens_on_its_page(store: Store, team: Team, lia: Contact) -> None:
    page = seen(store, team)
    press(page, "New order")
    labelled(page.text_input, "Title").set_value("Desk")
    pick(page, "new-order-contact_id", lia.id)
    labelled(page.number_input, "Value").set_value(99.9)
    [widget for widget in page.selectbox if widget.label == "Status"][-1].set_value("paid")  # the list's filter has one
    press(page, "Add order")
    with store.reading(team.ana) as tx:
        (made,) = orders.find(tx, ListQuery()).items
    assert (made["title"], made["contact_id"], str(made["value"]), made["status"], made["source"]) == (
        "Desk", lia.id, "99.9000", "paid", "manual",
    )  # fmt: skip
    assert [title.value for title in page.title] == ["Desk"]


def test_an_order_without_a_contact_is_refused_where_it_is_typed(store: Store, team: Team) -> None:
    page = seen(store, team)
    press(page, "New order")
    labelled(page.text_input, "Title").set_value("Desk")
    labelled(page.number_input, "Value").set_value(1.0)
    press(page, "Add order")
    assert "who bought" in page.error[0].value
    assert labelled(page.text_input, "Title").value == "Desk", "what was typed stays"


def test_a_row_of_the_list_opens_the_page_of_its_order(store: Store, team: Team, lamp: Order) -> None:
    page = seen(store, team)
    (table,) = [one for one in page.dataframe if (one.key or "").startswith("orders-table-")]
    page.session_state[table.key] = {"selection": {"rows": [], "columns": [], "cells": [(0, "Order")]}}
    page.run()
    assert [title.value for title in page.title] == [r"Lamp \[x\]\(y\)"]


def test_the_page_leads_to_contact_company_and_deal(store: Store, team: Team, lia: Contact, lamp: Order) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
    with store.writing(team.ana) as tx:
        farol = companies.create(tx, name="Farol")
        contacts.edit(tx, lia.id, company_id=farol.id)
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=70, contact_id=lia.id)
        orders.edit(tx, lamp.id, deal_id=deal.id)
    places = {("contact", f"contact={lia.id}"), ("company", f"company={farol.id}"), ("deal", f"deal={deal.id}")}
    assert places <= linked(opened(store, team, lamp))
    with store.writing(team.ana) as tx:
        deals.delete(tx, deal.id)
    assert "The deal is in the bin." in [one.value for one in opened(store, team, lamp).caption]


def test_the_statuses_of_an_order_stand_in_a_tab(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.marta) as tx:
        orders.set_status(tx, lamp.id, "refunded")
    page = unfold(opened(store, team, lamp), "order-tabs", "Statuses")
    (table,) = [one.value for one in page.table if "Before" in one.value]
    assert list(table["Status"]) == ["↩ Refunded", "● Paid"]
    assert list(table["By"]) == ["Marta", "Ana"]


def test_an_order_is_changed_on_its_page(store: Store, team: Team, lamp: Order) -> None:
    page = edited(store, team, lamp)
    labelled(page.selectbox, "Status").set_value("partially_paid")
    labelled(page.text_area, "Note").set_value("Half now\nRest in *May*")
    press(page, "Save")
    saved = now(store, team, lamp)
    assert (saved.status, saved.note, saved.version) == ("partially_paid", "Half now\nRest in *May*", lamp.version + 1)
    assert "Half now\nRest in \\*May\\*" in [one.value for one in page.markdown]


def test_an_order_is_paid_with_one_press(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ana) as tx:
        desk = orders.create(tx, title="Desk", contact_id=lia.id, value=10, status="overdue")
        today = tx.today
    page = press(opened(store, team, desk), "Paid")
    assert (now(store, team, desk).status, now(store, team, desk).paid_on) == ("paid", today)
    assert "Paid" not in buttons(page)


def test_a_deal_that_one_may_not_see_stays_the_orders_when_it_is_changed(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, owner_id=team.ids.bob)
        orders.edit(tx, lamp.id, deal_id=deal.id)
    assert ("deal", f"deal={deal.id}") in linked(opened(store, team, lamp))
    owner_privacy(store, team)
    page = edited(store, team, lamp)
    assert "deal" not in {name for name, _ in linked(page)}
    assert labelled(page.selectbox, "Deal").value is None
    labelled(page.text_area, "Note").set_value("Half now")
    press(page, "Save")
    with store.reading(team.marta) as tx:
        saved = orders.get(tx, lamp.id)
    assert (saved.note, saved.deal_id) == ("Half now", deal.id)


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(store: Store, team: Team, lamp: Order) -> None:
    page = edited(store, team, lamp)
    with store.writing(team.marta) as tx:
        orders.edit(tx, lamp.id, note="From Marta")
    labelled(page.text_area, "Note").set_value("Mine")
    press(page, "Save")
    assert "Marta changed" in page.warning[-1].value.replace("\\", "")
    assert now(store, team, lamp).note == "From Marta"


@pytest.mark.parametrize("who", ["vera", "rui"])
def test_who_may_only_look_finds_facts_and_nothing_to_press(store: Store, team: Team, lamp: Order, who: str) -> None:
    assert "New order" not in buttons(seen(store, team, who))
    page = opened(store, team, lamp, who, edit="1")
    assert not buttons(page)
    assert not page.get("menu_button")
    assert not page.text_input
    assert [metric.value for metric in page.metric] == ["R$250.00"]


def test_the_page_is_gone_while_the_module_is_off(store: Store, team: Team, lamp: Order, lia: Contact) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    beside = open_page(store, "contact", team.ana, contact=str(lia.id))
    assert "Orders" not in [one.value for one in beside.subheader]


def test_a_rep_does_not_see_another_reps_orders(store: Store, team: Team, lamp: Order) -> None:
    owner_privacy(store, team)
    page = seen(store, team, "bob")
    assert "No orders yet" in [one.value for one in page.subheader]
    assert not page.metric
    hidden = opened(store, team, lamp, "bob")
    assert "no such order" in hidden.error[0].value
    assert linked(hidden) == {("orders", "")}


def test_a_contacts_page_shows_its_orders_and_how_it_stands(
    store: Store, team: Team, lia: Contact, lamp: Order, tea: Order
) -> None:
    page = unfold(open_page(store, "contact", team.ana, contact=str(lia.id)), "contact-tabs", "Orders")
    assert not page.exception
    assert column(page, "Bought") == ["R$250.00", "$0.00"], "what was refunded is not bought"
    assert column(page, "Last order") == ["today", "–"]
    assert column(page, "RFM") == ["1 · 1 · 1", "–"]
    assert column(page, "Not bought") == ["0", "1"]
    assert sorted(column(page, "Order")) == ["Lamp [x](y)", "Tea"]


def test_a_companys_page_shows_the_orders_of_its_contacts(store: Store, team: Team, lia: Contact, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        farol = companies.create(tx, name="Farol")
        contacts.edit(tx, lia.id, company_id=farol.id)
    page = unfold(open_page(store, "company", team.ana, company=str(farol.id)), "company-tabs", "Orders")
    assert not page.exception
    assert column(page, "Order") == ["Lamp [x](y)"]
    assert column(page, "Bought") == ["R$250.00"]


def test_a_deals_page_shows_its_orders_and_begins_one_with_what_it_says(
    store: Store, team: Team, lia: Contact, lamp: Order
) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=70, contact_id=lia.id)
        orders.edit(tx, lamp.id, deal_id=deal.id)
    page = unfold(open_page(store, "deal", team.ana, deal=str(deal.id)), "deal-tabs", "Orders")
    assert not page.exception
    assert column(page, "Order") == ["Lamp [x](y)"]
    press(page, "New order")
    [one for one in page.text_input if one.label == "Title"][-1].set_value("Six chairs")
    press(page, "Add order")
    with store.reading(team.ana) as tx:
        made = next(row for row in orders.of(tx, "deal", deal.id).rows if row["title"] == "Six chairs")
    assert (made["contact_id"], made["value"]) == (lia.id, 70)


def test_many_orders_are_put_into_a_status_at_once_and_taken_back(
    store: Store, team: Team, lamp: Order, tea: Order
) -> None:
    page = seen(store, team)
    (table,) = [one for one in page.dataframe if (one.key or "").startswith("orders-table-")]
    page.session_state[table.key] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    page.run()
    press(page, "Set status")
    page.selectbox(key="bulk-status").set_value("overdue").run()
    press(page, "Change 2 orders")
    assert not page.exception
    assert any("2 orders set to **Overdue**." in one.value for one in page.markdown)
    assert {now(store, team, one).status for one in (lamp, tea)} == {"overdue"}
    press(page, "Undo")
    assert [now(store, team, one).status for one in (lamp, tea)] == ["paid", "refunded"]


def test_a_list_of_orders_is_kept_as_a_segment_and_opened(store: Store, team: Team, lamp: Order, tea: Order) -> None:
    page = seen(store, team, filter=dump(Rule(field="status", op="is", value="paid")))
    press(page, "Save as segment")
    labelled(page.text_input, "Name").set_value("Paid ones")
    press(page, "Save")
    with store.reading(team.ana) as tx:
        (kept,) = segments.of_kind(tx, "orders")
    opened = seen(store, team, segment=str(kept.id))
    assert opened.title[0].value == "Paid ones"
    assert column(opened, "Order") == ["Lamp [x](y)"]
    assert [metric.label for metric in opened.metric] == ["1 order in BRL"], "the figures are the segment's"
    (file,) = [one for one in opened.get("link_button") if one.proto.url.startswith("/reports/orders.csv")]
    assert "paid" in file.proto.url, "and so is their file"


def test_a_column_of_orders_is_chosen_and_labels_are_put_on(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        preferences.put(tx, "columns:orders", ["title", "labels", "currency"])
    page = unfold(opened(store, team, lamp), f"order-{lamp.id}-labels")
    page.multiselect[0].set_value(["VIP"]).run()
    assert now(store, team, lamp).labels == ("VIP",)
    listed = next(one.value for one in seen(store, team).dataframe if "Order" in one.value)
    assert list(listed.columns) == ["Order", "Labels", "Currency"]
    assert list(listed["Labels"][0]) == ["VIP"]
