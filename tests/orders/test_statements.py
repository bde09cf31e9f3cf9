"""How many statements an order of a shop costs: each is a millisecond of every message."""

from typing import Any

from benchmarks.counting import counted, listed
from crm import orders
from crm.contacts import Contact
from crm.store import Store
from tests.people import Team

SHOP: dict[str, Any] = {"source": "commerce", "title": "Two chairs", "value": "90.50", "status": "paid"}


def statements(store: Store, team: Team, external_id: str, email: str) -> tuple[int, str]:
    """Those of one message; their number, and which they are."""
    marta = team.marta
    with counted() as found, store.writing(marta) as tx:
        orders.upsert(tx, **SHOP, external_id=external_id, contact={"email": email, "name": "Eva"})
    return found.total(), listed(found)


def test_an_order_of_a_known_contact_takes_seven_statements(store: Store, team: Team, lia: Contact) -> None:
    number, which = statements(store, team, "B-1", "lia@example.com")
    assert number <= 7, which


def test_an_order_of_a_new_contact_takes_eleven(store: Store, team: Team) -> None:
    number, which = statements(store, team, "B-1", "eva@example.com")
    assert number <= 11, which


def test_an_order_in_its_first_version_is_not_asked_for_its_former_statuses(store: Store, team: Team) -> None:
    statements(store, team, "B-1", "eva@example.com")
    marta = team.marta
    with counted() as found, store.reading(marta) as tx:
        assert [order["warnings"] for order in orders.find(tx, orders.ListQuery()).items] == [
            ("It is paid, but has no paid date.",)
        ]
    assert not [one.sql for one in found if "order_statuses" in one.sql], listed(found)
