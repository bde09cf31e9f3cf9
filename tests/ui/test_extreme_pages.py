"""Pages of deals and orders of the largest values, first and last days that a field accepts: they show, all of them."""

from datetime import date
from decimal import Decimal

import pytest

from crm import companies, contacts, deals, orders, pipelines
from crm.deals import quote
from crm.foundation.access import Module
from crm.platform import workspace
from crm.records import checklists
from crm.store import Store
from tests.pages import open_page
from tests.people import Team

LARGEST = "99999999999999"
FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)


@pytest.fixture
def extremes(store: Store, team: Team) -> dict[str, int]:
    """A company whose contact has the largest deals and orders in currencies of 0, 2 and 3 minor digits."""
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
        pipeline = pipelines.create(tx, "Sales", ["Lead", "Talk"])
        pipelines.set_probability(tx, pipeline.open_stages[0].id, Decimal("5"))
        pipelines.set_probability(tx, pipeline.open_stages[1].id, Decimal("60"))
        firm = companies.create(tx, name="Aurora")
        lia = contacts.create(tx, name="Lia", company_id=firm.id)
        for code in ("BRL", "VND", "KWD"):
            for stage, day in zip(pipeline.open_stages, (LAST, FIRST), strict=True):
                deal = deals.create(
                    tx,
                    title=f"All of {code}",
                    pipeline_id=pipeline.id,
                    stage_id=stage.id,
                    value=LARGEST,
                    currency=code,
                    contact_id=lia.id,
                    company_id=firm.id,
                    expected_close=day,
                )
            won = deals.create(tx, title=f"Won {code}", pipeline_id=pipeline.id, value=LARGEST, currency=code)
            deals.win(tx, won.id)
        quote.add(tx, deal.id, name="All", quantity=LARGEST, unit_price="0.9999", discount_kind="percent", discount="1")
        checklists.add_item(tx, checklists.add(tx, deal.id, "To do").id, "Wait", due_on=LAST)
        quote.issue(tx, deal.id)
    with store.writing(team.ada) as tx:
        for code in ("BRL", "VND", "KWD"):
            for day in (FIRST, LAST):
                order = orders.create(
                    tx, title=code, value=LARGEST, currency=code, contact_id=lia.id, ordered_on=day, status="paid"
                )
    return {"deal": deal.id, "pipeline": pipeline.id, "contact": lia.id, "company": firm.id, "order": order.id}


PAGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("pipeline", {}),
    ("pipeline", {"show": "table"}),
    ("pipeline", {"show": "calendar", "month": "2199-12"}),
    ("forecast", {}),
    ("forecast", {"currency": "VND", "period": "2171-01-01/2200-12-31"}),
    ("conversion", {}),
    ("deal", {"deal": "deal"}),
    ("company", {"company": "company"}),
    ("contact", {"contact": "contact"}),
    ("order", {"order": "order"}),
    ("orders", {}),
    ("orders", {"currency": "KWD"}),
)


def test_pages_of_the_largest_values_show(store: Store, team: Team, extremes: dict[str, int]) -> None:
    """In one store: each page is one more look at it."""
    for page, query in PAGES:
        asked = {name: str(extremes.get(word, word)) for name, word in query.items()}
        shown = open_page(store, page, team.ada, **asked)
        assert not shown.exception, (page, query)
        assert not shown.error, (page, query)


def test_an_id_in_the_address_that_no_record_can_have_is_said_to_be_none(store: Store, team: Team) -> None:
    for page in ("deal", "contact", "order"):
        for word in ("9" * 30, "9" * 5000, "1e9"):
            shown = open_page(store, page, team.ada, **{page: word})
            assert not shown.exception, (page, word[:30])
            assert any("There is no such" in one.value for one in [*shown.error, *shown.warning, *shown.info])


def test_a_number_in_the_address_beyond_all_bounds_is_left_out(store: Store, team: Team, extremes) -> None:
    for page, name in (("pipeline", "deal"), ("pipeline", "month"), ("orders", "page")):
        assert not open_page(store, page, team.ada, **{name: "9" * 5000}).exception, (page, name)
