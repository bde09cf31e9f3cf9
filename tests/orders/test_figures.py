"""What orders come to: totals, over time, of one customer, and a customer's place among the others."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm import companies, contacts, orders
from crm.contacts import Contact
from crm.deals import Deal
from crm.orders import Grain, Order, Rfm
from crm.orders import customer as customers
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.store import Store, Writing
from tests.people import Team

BOUGHT = ("pending", "paid", "partially_paid", "overdue")


def sell(tx: Writing, contact: Contact, value: str, **fields: object) -> Order:
    return orders.create(tx, title="Thing", contact_id=contact.id, value=value, **fields)  # type: ignore[arg-type]


@pytest.fixture
def sold(store: Store, team: Team, lia: Contact, caio: Contact) -> list[Order]:
    """Of two customers, in two currencies, over three years."""
    with store.writing(team.marta) as tx:
        return [
            sell(tx, lia, "100", status="paid", ordered_on=date(2023, 1, 31)),
            sell(tx, lia, "50.25", status="pending", ordered_on=date(2023, 2, 1)),
            sell(tx, lia, "70", status="cancelled", ordered_on=date(2025, 3, 3)),
            sell(tx, lia, "30", currency="USD", status="paid", ordered_on=date(2024, 5, 5)),
            sell(tx, caio, "500", status="paid", ordered_on=date(2024, 5, 6)),
            sell(tx, caio, "1", currency="USD", status="refunded", ordered_on=date(2024, 7, 1)),
        ]


def summed(some: list[Order]) -> dict[str, tuple[int, Decimal, int, Decimal]]:
    """{currency: (count, value, paid count, paid value)}, worked out one order at a time."""
    found: dict[str, tuple[int, Decimal, int, Decimal]] = defaultdict(lambda: (0, Decimal(0), 0, Decimal(0)))
    for order in some:
        count, value, paid, paid_value = found[order.currency]
        is_paid = order.status == "paid"
        found[order.currency] = (
            count + 1,
            value + order.value,
            paid + is_paid,
            paid_value + (order.value if is_paid else 0),
        )
    return dict(found)


def test_totals_are_of_one_currency_each_and_over_everything(store: Store, team: Team, sold: list[Order]) -> None:
    with store.reading(team.marta) as tx:
        found = orders.overview(tx, ListQuery())
        assert {one.currency: (one.count, one.value, one.paid_count, one.paid_value) for one in found.totals} == summed(
            sold
        )
        assert found.totals == orders.totals(tx, ListQuery())
        assert found.count == len(sold)
        assert [one.currency for one in found.totals] == ["BRL", "USD"]


def test_totals_follow_the_filter_and_the_search(store: Store, team: Team, sold: list[Order], caio: Contact) -> None:
    paid = Rule(field="status", op="is", value="paid")
    with store.reading(team.marta) as tx:
        found = orders.totals(tx, ListQuery(filter=paid, search="caio"))
    assert [(one.currency, one.count, one.value) for one in found] == [("BRL", 1, 500)]


def test_under_owner_privacy_totals_are_of_the_orders_one_sees(
    store: Store, team: Team, sold: list[Order], lia: Contact, private: None
) -> None:
    with store.reading(team.ana) as tx:
        found = orders.overview(tx, ListQuery())
        hers = [order for order in sold if order.contact_id == lia.id]
        assert {one.currency: one.count for one in found.totals} == {"BRL": 3, "USD": 1}
        assert sum(bar.value for bar in found.of("BRL")) == sum(one.value for one in hers if one.currency == "BRL")


def test_bars_hold_every_order_of_their_span_and_status(store: Store, team: Team, sold: list[Order]) -> None:
    with store.reading(team.marta) as tx:
        found = orders.overview(tx, ListQuery())
    assert found.grain is Grain.MONTH
    assert [(bar.start, bar.status, bar.value) for bar in found.of("BRL")] == [
        (date(2023, 1, 1), "paid", 100),
        (date(2023, 2, 1), "pending", Decimal("50.25")),
        (date(2024, 5, 1), "paid", 500),
        (date(2025, 3, 1), "cancelled", 70),
    ]


@pytest.mark.parametrize(("years", "grain"), [(2, Grain.MONTH), (8, Grain.QUARTER), (30, Grain.YEAR)])
def test_a_longer_time_is_drawn_by_larger_spans(
    store: Store, team: Team, lia: Contact, years: int, grain: Grain
) -> None:
    with store.writing(team.marta) as tx:
        sell(tx, lia, "1", ordered_on=date(2025, 12, 31))
        sell(tx, lia, "2", ordered_on=date(2026 - years, 2, 1))
        found = orders.overview(tx, ListQuery())
    assert found.grain is grain
    assert sum(bar.value for bar in found.bars) == 3
    first = {Grain.MONTH: date(2024, 2, 1), Grain.QUARTER: date(2018, 1, 1), Grain.YEAR: date(1996, 1, 1)}
    assert found.bars[0].start == first[grain]


def test_without_an_order_there_is_no_total(store: Store, team: Team) -> None:
    with store.reading(team.marta) as tx:
        assert orders.overview(tx, ListQuery()).totals == ()


# -------------------------------------------------------------------------------- of one customer


def test_a_customers_figures_leave_out_what_was_no_purchase(
    store: Store, team: Team, sold: list[Order], lia: Contact
) -> None:
    with store.reading(team.marta) as tx:
        brl, usd = orders.figures(tx, orders.of(tx, "contact", lia.id))
        today = tx.today
    assert (brl.currency, brl.count, brl.value, brl.average) == ("BRL", 2, Decimal("150.25"), Decimal("75.125"))
    assert (brl.last_on, brl.left_out) == (date(2023, 2, 1), 1)
    assert brl.days_since == (today - date(2023, 2, 1)).days
    assert (usd.count, usd.value, usd.last_on) == (1, 30, date(2024, 5, 5))


def test_who_only_sent_back_has_no_average_and_no_rank(
    store: Store, team: Team, sold: list[Order], caio: Contact
) -> None:
    with store.reading(team.marta) as tx:
        usd = next(one for one in orders.figures(tx, orders.of(tx, "contact", caio.id)) if one.currency == "USD")
    assert (usd.count, usd.value, usd.average, usd.last_on, usd.days_since, usd.rfm) == (0, 0, None, None, None, None)
    assert usd.left_out == 1


def test_orders_of_a_company_are_its_contacts_and_those_of_a_deal_its_own(
    store: Store, team: Team, sold: list[Order], lia: Contact, chairs: Deal
) -> None:
    with store.writing(team.marta) as tx:
        farol = companies.create(tx, name="Farol")
        contacts.edit(tx, lia.id, company_id=farol.id)
        orders.edit(tx, sold[0].id, deal_id=chairs.id)
        of_company, of_contact = orders.of(tx, "company", farol.id), orders.of(tx, "contact", lia.id, limit=2)
        of_deal = orders.of(tx, "deal", chairs.id)
    assert (of_company.count, of_contact.count, of_deal.count) == (4, 4, 1)
    assert [row["id"] for row in of_contact.rows] == [sold[2].id, sold[3].id], "the newest two, beside true totals"
    assert of_deal.rows[0]["contact_name"] == "Lia Prado"


def test_a_rep_sees_of_a_shared_deal_the_orders_but_no_customers_name(
    store: Store, team: Team, sold: list[Order], caio: Contact, chairs: Deal, private: None
) -> None:
    """Chairs is Ana's, the buyer is Bob's: the order is hers to see for its deal."""
    with store.writing(team.marta) as tx:
        order = orders.edit(tx, sold[4].id, deal_id=chairs.id)
    with store.reading(team.ana) as tx:
        seen = orders.get(tx, order.id)
        assert (seen.contact_name, seen.deal_title) == (None, "Chairs")
        assert orders.of(tx, "deal", chairs.id).count == 1


def expected(of: Contact, world: list[Order], currency: str) -> Rfm:
    """By the definition, one customer at a time."""
    bought: dict[int, list[Order]] = defaultdict(list)
    for order in world:
        if order.currency == currency and order.status in BOUGHT:
            bought[order.contact_id or 0].append(order)

    def group(measure: dict[int, object]) -> int:
        below = sum(1 for value in measure.values() if value < measure[of.id])  # type: ignore[operator]
        return min(5, 1 + 5 * below // len(measure))

    return Rfm(
        recency=group({one: max(order.ordered_on for order in theirs) for one, theirs in bought.items()}),
        frequency=group({one: len(theirs) for one, theirs in bought.items()}),
        monetary=group({one: sum(order.value for order in theirs) for one, theirs in bought.items()}),
    )


@pytest.fixture
def crowd(store: Store, team: Team) -> tuple[list[Contact], list[Order]]:
    """Eleven customers: each later, oftener and for other sums than the one before; some in two currencies."""
    with store.writing(team.marta) as tx:
        people = [contacts.create(tx, name=f"Customer {number}") for number in range(11)]
        made = []
        for number, person in enumerate(people):
            for each in range(1 + number % 4):
                status = BOUGHT[each] if number != 7 else "cancelled"
                day = date(2025, 1, 1) + timedelta(days=10 * number + each)
                made.append(sell(tx, person, str(7 * (number * 5 % 11) + each), status=status, ordered_on=day))
            if number % 3 == 0:
                made.append(sell(tx, person, "9", currency="USD", ordered_on=date(2025, 6, 1)))
    return people, made


def test_rfm_is_a_customers_fifth_among_those_of_the_same_currency(
    store: Store, team: Team, crowd: tuple[list[Contact], list[Order]]
) -> None:
    people, made = crowd
    with store.reading(team.marta) as tx:
        for person in people:
            for found in orders.figures(tx, orders.of(tx, "contact", person.id)):
                if found.count:
                    assert found.rfm == expected(person, made, found.currency), (person.name, found.currency)
        assert orders.figures(tx, orders.of(tx, "contact", people[7].id))[0].rfm is None


def test_among_very_many_a_part_of_the_customers_stands_for_all(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 3,000 customers every third is looked at: nobody's group is off by more than one."""
    monkeypatch.setattr(customers, "ENOUGH", 1_000)
    with store.writing(team.marta) as tx:
        tx.run(
            """
            INSERT INTO base.contacts (id, name, search, created_at, updated_at)
            SELECT nextval('base.contact_ids'), 'Person ' || n, 'person', $now, $now FROM range(3000) AS numbers(n)
            """,
            now=tx.now,
        )
        tx.run(
            """
            INSERT INTO base.orders (title, contact_id, value, currency, status, source, ordered_on, search, created_at,
                updated_at)
            SELECT 'Thing', id, id, 'BRL', 'paid', 'manual', DATE '2020-01-01' + id::INTEGER, 'thing', $now, $now
            FROM base.contacts
            """,
            now=tx.now,
        )
    with store.reading(team.marta) as tx:
        for contact_id in (1, 500, 1500, 2500, 3000):
            (found,) = orders.figures(tx, orders.of(tx, "contact", contact_id))
            fifth = min(5, 1 + 5 * (contact_id - 1) // 3000)
            assert found.rfm is not None
            assert abs(found.rfm.monetary - fifth) <= 1
            assert abs(found.rfm.recency - fifth) <= 1
            assert found.rfm.frequency == 1, "all bought once"
