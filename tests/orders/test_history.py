"""What a contact's timeline tells of its orders: made, and from which status to which, to those who see them."""

from typing import Any

import pytest

from crm import contacts, orders
from crm.contacts import Contact
from crm.deals import Deal
from crm.foundation.access import Module
from crm.orders import Order
from crm.platform import workspace
from crm.records import merging
from crm.records.history import ORDERS, history
from crm.store import Store
from crm.ui.components.sentences import differences, group, sentence
from tests.pages import open_page
from tests.people import Team
from tests.ui.test_record_log import html


def told(store: Store, actor: Any, contact: Contact) -> list[str]:
    """Of its orders, the newest first."""
    with store.reading(actor) as tx:
        return [sentence(one) for one in history(tx, "contact", contact.id) if one.name.startswith("order.")]


def test_an_order_that_is_made_and_paid_is_in_its_contacts_timeline(
    store: Store, team: Team, lia: Contact, lamp: Order
) -> None:
    with store.writing(team.marta) as tx:
        orders.set_status(tx, lamp.id, "partially_paid")
    assert told(store, team.vera, lia) == [
        "Marta changed the status of the order “Lamp” of 250.00 BRL",
        "Ana recorded the order “Lamp” of 250.00 BRL as pending",
    ]
    with store.reading(team.vera) as tx:
        newest, made = history(tx, "contact", lia.id)[:2]
    assert differences(newest) == [("Status", "pending", "partially paid")]
    assert differences(made) == []
    assert group(newest) == "Orders"


def test_an_order_that_goes_to_another_contact_or_to_the_bin_leaves_the_timeline(
    store: Store, team: Team, lia: Contact, caio: Contact, lamp: Order
) -> None:
    with store.writing(team.ana) as tx:
        orders.edit(tx, lamp.id, contact_id=caio.id)
    assert told(store, team.ana, lia) == []
    assert told(store, team.ana, caio) == ["Ana recorded the order “Lamp” of 250.00 BRL as pending"]
    with store.writing(team.ana) as tx:
        orders.delete(tx, lamp.id)
    assert told(store, team.ana, caio) == []


@pytest.mark.usefixtures("lamp")
def test_with_the_module_off_the_timeline_says_nothing_of_orders(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    assert told(store, team.marta, lia) == []


@pytest.mark.usefixtures("private")
def test_who_does_not_see_an_order_reads_nothing_of_it_in_the_timeline(
    store: Store, team: Team, lia: Contact, caio: Contact, chairs: Deal
) -> None:
    """Caio, Bob's, bought something by a deal of Ana's: she sees that order, and not his others."""
    with store.writing(team.marta) as tx:
        orders.create(tx, title="Chairs", contact_id=caio.id, deal_id=chairs.id, value=10)
        orders.create(tx, title="Secret", contact_id=caio.id, value=10)
    assert told(store, team.ana, caio) == ["Marta recorded the order “Chairs” of 10.00 BRL as pending"]
    assert len(told(store, team.bob, caio)) == 2


def test_a_merge_brings_the_orders_into_the_survivors_timeline(
    store: Store, team: Team, lia: Contact, lamp: Order
) -> None:
    with store.writing(team.marta) as tx:
        twin = contacts.create(tx, name="Lia P.")
        merging.merge(tx, "contact", twin.id, lia.id)
    assert told(store, team.marta, twin) == ["Ana recorded the order “Lamp” of 250.00 BRL as pending"]


def test_the_contacts_page_shows_its_orders_among_what_happened(
    store: Store, team: Team, lia: Contact, lamp: Order
) -> None:
    with store.writing(team.marta) as tx:
        orders.set_status(tx, lamp.id, "paid")
    page = open_page(store, "contact", team.vera, contact=str(lia.id))
    assert not page.exception
    kinds = next(one for one in page.segmented_control if one.key == f"contact-{lia.id}-timeline-kind")
    assert kinds.options == ["Everything", "Changes", "Orders"]
    shown = html(page)
    assert "Marta changed the status of the order “Lamp” of 250.00 BRL" in shown
    assert "<dt>Status</dt><dd><s>pending</s> → paid</dd>" in shown


def test_a_customer_of_many_orders_still_has_the_rest_of_the_timeline(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ana) as tx:
        for number in range(ORDERS + 5):
            orders.create(tx, title=f"Lamp {number}", contact_id=lia.id, value=1)
    with store.reading(team.ana) as tx:
        found = history(tx, "contact", lia.id, limit=ORDERS + 1)
    assert found[-1].name == "contact.created"
    assert found[0].payload["order_title"] == f"Lamp {ORDERS + 4}"
