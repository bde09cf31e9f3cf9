"""Customers: the figures against the oracle, what is left out and said, and the people behind each cell."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from crm import companies, contacts, orders
from crm.contacts import CONTACT, Contact
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, ModuleOff, NotFound
from crm.platform import rates, workspace
from crm.records import labels, lists, merging, segments
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.reports import customer_people, customers
from crm.reports.customer_people import Cell, Picture
from crm.reports.customers import Buyers, Customers, CustomerScope
from crm.reports.periods import Grain, Period, months_after
from crm.store import Reading, Store, Writing
from tests.people import Team
from tests.reports.conftest import Days
from tests.reports.customers_oracle import Bought, Oracle, Score

TODAY = date(2026, 6, 15)
PERIOD = Period(first=date(2026, 1, 1), end=date(2026, 7, 1))
USD_RATE = Decimal("4.5")
PEOPLE = 7


@pytest.fixture(autouse=True)
def june(store: Store, team: Team, days: Days) -> None:
    """The module is on, and it is noon of TODAY."""
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    days.go_to(str(TODAY))


class Undone(Exception):
    """Takes back what an example wrote."""


def report(tx: Reading, **scope: object) -> Customers:
    return customers.report(tx, period=PERIOD, grain=Grain.MONTH, scope=CustomerScope(**scope))


def cells_of(found: Customers) -> dict[Cell, int]:
    """{cell of both pictures: its customers}."""
    grid = {
        Cell(picture=Picture.RFM, recency=each.recency, frequency=each.frequency): each.customers
        for each in found.grid.cells
    }
    return grid | {
        Cell(picture=Picture.COHORT, cohort=cohort.period.first, number=cell.number): cell.customers
        for cohort in found.cohorts
        for cell in cohort.cells
    }


def buy(tx: Writing, contact: Contact, day: str, value: object = 100, **fields: object) -> None:
    orders.create(
        tx,
        title="Thing",
        contact_id=contact.id,
        value=value,
        ordered_on=date.fromisoformat(day),
        **({"currency": "BRL", "status": "paid"} | fields),
    )  # type: ignore[arg-type]


@pytest.fixture
def lia(store: Store, team: Team) -> Contact:
    """Ana's."""
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Lia Prado", email="lia@example.com")


@pytest.fixture
def caio(store: Store, team: Team) -> Contact:
    """Bob's."""
    with store.writing(team.bob) as tx:
        return contacts.create(tx, name="Caio Lima", email="caio@example.com")


ORDERS = some.lists(
    some.tuples(
        some.none() | some.integers(1, PEOPLE),
        some.integers(-20, 400),  # days before today
        some.integers(0, 3),  # few values: equal customers have to be in the same group
        some.sampled_from(["BRL", "BRL", "USD", "EUR"]),
        some.sampled_from(["paid", "paid", "pending", "partially_paid", "overdue", "cancelled", "refunded", "failed"]),
    ),
    max_size=40,
)


@pytest.fixture
def seven(store: Store, team: Team) -> list[int]:
    """Seven contacts, and rates of the dollar."""
    with store.writing(team.ada) as tx:
        for days_ago in range(0, 440, 30):
            rates.set_rate(tx, "USD", TODAY - timedelta(days=days_ago), USD_RATE)
        return [contacts.create(tx, name=f"Person {number}").id for number in range(PEOPLE)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=ORDERS)
def test_every_figure_is_the_oracles(
    store: Store, team: Team, seven: list[int], made: list[tuple[int | None, int, int, str, str]]
) -> None:
    with suppress(Undone), store.writing(team.ada) as tx:
        oracle = _lay(tx, made, seven)
        found = report(tx)
        _compare(found, oracle)
        everyone = customer_people.everyone(tx, scope=found.scope, period=PERIOD)
        scores = {
            row["customer_id"]: Score(row["recency"], row["frequency"], row["monetary"]) for row in everyone.to_dicts()
        }
        assert scores == oracle.scores()
        for cell in found.grid.cells:
            group = [of for of in scores.values() if (of.recency, of.frequency) == (cell.recency, cell.frequency)]
            assert cell.customers == len(group)
        raise Undone


def test_each_cell_opens_its_people_and_so_does_its_filter(store: Store, team: Team, seven: list[int]) -> None:
    random = Random(13)
    with store.writing(team.ada) as tx:
        made = [
            (random.choice([None, *range(1, PEOPLE + 1)]), random.randrange(200), random.randrange(4), "BRL", "paid")
            for _ in range(24)
        ]
        _lay(tx, made, seven)
        found = report(tx)
        assert len(found.grid.cells) > 3
        for cell, count in cells_of(found).items():
            behind = {"scope": found.scope, "period": PERIOD, "grain": Grain.MONTH, "cell": cell}
            people = customer_people.people(tx, **behind)
            assert people.count == len(people.items) == count
            if count:
                criteria, _ = customer_people.criteria_of(tx, **behind, grid=found.grid)
                listed = lists.find(tx, CONTACT, ListQuery(filter=criteria)).items
                assert {row["id"] for row in listed} == {each.id for each in people.items}


def _lay(tx: Writing, made: list[tuple[int | None, int, int, str, str]], people: list[int]) -> Oracle:
    """Write the orders past the verbs, and tell the oracle of them."""
    rows = [
        {
            "id": number,
            "title": "Thing",
            "contact_id": people[who - 1] if who else None,
            "value": Decimal(value),
            "currency": currency,
            "status": status,
            "source": "manual",
            "ordered_on": TODAY - timedelta(days=ago),
            "search": "",
            "created_at": tx.now,
            "updated_at": tx.now,
        }
        for number, (who, ago, value, currency, status) in enumerate(made, 1)
    ]
    if rows:
        tx.insert_frame(pl.DataFrame(rows, infer_schema_length=None), "INSERT INTO base.orders BY NAME FROM frame")
    in_reals = {"BRL": Decimal(1), "USD": USD_RATE}
    return Oracle(
        (
            Bought(
                row["id"],
                row["contact_id"],
                row["ordered_on"],
                row["value"] * in_reals[row["currency"]] if row["currency"] in in_reals else None,
                row["status"],
            )
            for row in rows
        ),
        PERIOD.first,
        PERIOD.end,
        TODAY,
    )


def _compare(found: Customers, oracle: Oracle) -> None:
    for bucket in found.buckets:
        told = {"new": bucket.new, "returning": bucket.returning, "nobody": bucket.nobody}
        expected = oracle.revenue(bucket.period.first)
        assert {name: (part.orders, part.revenue) for name, part in told.items()} == expected
    counts = oracle.orders_in_period()
    assert (found.customers, found.repeaters) == (len(counts), sum(count > 1 for count in counts))
    assert found.repeat_rate == (found.repeaters / len(counts) if counts else None)
    assert found.per_customer == (sum(counts) / len(counts) if counts else None)
    assert found.second.median == oracle.median_to_second()
    for cohort in found.cohorts:
        month = cohort.period.first
        assert cohort.customers == len(oracle.cohort(month))
        assert len(cohort.cells) == TODAY.month - month.month + 1
        for cell in cohort.cells:
            assert (cell.customers, cell.revenue) == oracle.cell(month, months_after(month, cell.number))
            assert cell.over == (months_after(month, cell.number) < TODAY.replace(day=1))
    assert found.left_out.get("EUR", 0) == sum(order.value is None for order in oracle.purchases)


def test_the_sums_are_those_of_the_orders_page(store: Store, team: Team, lia: Contact, caio: Contact) -> None:
    with store.writing(team.marta) as tx:
        for contact, day in ((lia, "2026-01-31"), (lia, "2026-02-01"), (caio, "2026-06-15"), (caio, "2025-12-31")):
            for status in orders.STATUSES:
                buy(tx, contact, day, "12.3456", status=status)
        bought = ListQuery(
            filter=Rule(field="status", op="one_of", value=("pending", "paid", "partially_paid", "overdue")), sort=""
        )
        bars = orders.overview(tx, bought)
        found = report(tx)
    months = {bar.start: Decimal(0) for bar in bars.bars}
    for bar in bars.bars:
        months[bar.start] += bar.value
    assert {bucket.period.first: bucket.total.revenue for bucket in found.buckets if bucket.total.orders} == {
        start: value for start, value in months.items() if start >= PERIOD.first
    }
    assert found.ended == 3 * 3


def test_a_customers_groups_are_those_of_their_page(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        people = [contacts.create(tx, name=f"Person {number}") for number in range(6)]
        for number, contact in enumerate(people):
            for day in range(number + 1):
                buy(tx, contact, f"2026-0{number % 3 + 1}-{day + 1:02}", 10 * number + 1)
    with store.reading(team.marta) as tx:
        table = {
            row["customer_id"]: (row["recency"], row["frequency"], row["monetary"])
            for row in customer_people.everyone(tx, scope=CustomerScope(currency="BRL"), period=PERIOD).to_dicts()
        }
        for contact in people:
            (own,) = orders.figures(tx, orders.of(tx, "contact", contact.id))
            assert own.rfm is not None
            assert table[contact.id] == (own.rfm.recency, own.rfm.frequency, own.rfm.monetary)


def test_one_customer_with_one_order_is_in_the_first_groups(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.marta) as tx:
        buy(tx, lia, "2026-06-01")
        found = report(tx)
    (cell,) = found.grid.cells
    assert (cell.recency, cell.frequency, cell.customers) == (1, 1, 1)
    assert (found.repeat_rate, found.per_customer, found.average) == (0, 1, Decimal(100))
    assert found.second.median is None


def test_nothing_bought_is_no_figure_and_no_failure(store: Store, team: Team) -> None:
    with store.reading(team.marta) as tx:
        found = report(tx)
    assert (found.customers, found.repeat_rate, found.average, found.per_customer) == (0, None, None, None)
    assert found.grid.cells == ()
    assert [found.overall(number) for number in (0, 1, 99)] == [None, None, None]


def test_an_order_without_a_rate_counts_but_brings_nothing(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "USD", date(2026, 3, 1), "4.5")
        buy(tx, lia, "2026-02-10", 10, currency="USD")
        buy(tx, lia, "2026-03-10", 10, currency="USD")
        buy(tx, lia, "2026-03-11", 7)
        found = report(tx)
        dollars = report(tx, currency="USD")
    assert found.left_out == {"USD": 1}
    assert (found.total.orders, found.total.revenue, found.rated) == (3, Decimal(52), 2)
    assert found.average == Decimal(26)
    (used,) = found.converted
    assert (used.currency, used.orders, used.lowest, used.first) == ("USD", 1, Decimal("4.5"), date(2026, 3, 1))
    assert (dollars.currency, dollars.total.orders, dollars.total.revenue) == ("USD", 2, Decimal(20))
    assert dollars.left_out == {}


def test_merged_contacts_count_once(store: Store, team: Team, lia: Contact, caio: Contact) -> None:
    with store.writing(team.ada) as tx:
        buy(tx, lia, "2026-03-01")
        buy(tx, caio, "2026-04-01")
        assert report(tx).customers == 2
        merging.merge(tx, "contact", lia.id, caio.id)
        found = report(tx)
        assert (found.customers, found.repeaters) == (1, 1)


def test_an_erased_contact_drops_out_and_what_they_bought_stays(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ada) as tx:
        buy(tx, lia, "2026-03-01")
        # As erasing leaves it: `tests/privacy` holds it to that.
        tx.run("UPDATE base.orders SET contact_id = NULL")
        found = report(tx)
    assert (found.customers, found.grid.cells) == (0, ())
    assert found.total == found.nobody != customers.Part()


def test_a_contact_in_the_bin_is_nobody(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ada) as tx:
        buy(tx, lia, "2026-03-01")
        contacts.delete(tx, lia.id)
        found = report(tx)
    assert (found.customers, found.nobody.orders, found.nobody.revenue) == (0, 1, Decimal(100))


def test_each_sees_only_their_own_customers_under_owner_privacy(
    store: Store, team: Team, lia: Contact, caio: Contact
) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
    with store.writing(team.marta) as tx:
        buy(tx, lia, "2026-03-01", 100)
        buy(tx, caio, "2026-03-01", 7)
    behind = {"scope": CustomerScope(), "period": PERIOD, "grain": Grain.MONTH,
              "cell": Cell.parse("cohort:2026-03-01:0")}  # fmt: skip
    for actor, names, revenue in (
        (team.ana, ["Lia Prado"], 100),
        (team.bob, ["Caio Lima"], 7),
        (team.marta, ["Lia Prado", "Caio Lima"], 107),
        (team.rui, ["Lia Prado", "Caio Lima"], 107),
    ):
        with store.reading(actor) as tx:
            assert report(tx).total.revenue == revenue
            assert [each.name for each in customer_people.people(tx, **behind).items] == names


def test_filters_narrow_customers_and_orders(store: Store, team: Team, lia: Contact, caio: Contact) -> None:
    with store.writing(team.ada) as tx:
        buy(tx, lia, "2026-03-01", 100, source="commerce")
        buy(tx, lia, "2026-04-01", 50, source="manual")
        buy(tx, caio, "2026-03-01", 7, source="manual")
        lia_only = segments.create(
            tx, kind="contacts", name="Lias", filter=Rule(field="name", op="contains", value="lia"), shared=True
        )
        (vip,) = labels.get_or_create(tx, ["VIP"])
        labels.put(tx, "contact", lia.id, [vip])
        for scope, revenue in (
            ({"owner_id": team.ids.ana}, 150),
            ({"owner_id": team.ids.bob}, 7),
            ({"owner_id": 0}, 0),
            ({"segment_id": lia_only.id}, 150),
            ({"label_id": vip.id}, 150),
            ({"source": "manual"}, 57),
            ({"segment_id": lia_only.id, "source": "manual"}, 50),
        ):
            assert report(tx, **scope).total.revenue == revenue, scope
        with pytest.raises(NotFound):
            report(tx, segment_id=999)
        with pytest.raises(Invalid, match="no labels"):
            report(tx, of=Buyers.COMPANIES, label_id=1)


def test_companies_are_customers_by_their_contacts(store: Store, team: Team, lia: Contact, caio: Contact) -> None:
    with store.writing(team.ada) as tx:
        aurora = companies.create(tx, name="Aurora")
        mia = contacts.create(tx, name="Mia", company_id=aurora.id)
        contacts.edit(tx, lia.id, company_id=aurora.id)
        buy(tx, lia, "2026-03-01", 100)
        buy(tx, mia, "2026-04-01", 50)
        buy(tx, caio, "2026-03-01", 7)
        found = report(tx, of=Buyers.COMPANIES)
    assert (found.customers, found.repeaters, found.total.revenue, found.nobody.revenue) == (1, 1, 157, 7)


def test_a_cell_is_saved_as_a_segment_that_finds_its_people_and_those_to_come(
    store: Store, team: Team, lia: Contact, caio: Contact
) -> None:
    with store.writing(team.ana) as tx:
        buy(tx, lia, "2026-03-01")
        buy(tx, lia, "2026-05-01")
        buy(tx, caio, "2026-03-01")
        found = report(tx)
        cell = Cell(picture=Picture.RFM, recency=3, frequency=3)
        behind = {"scope": found.scope, "period": PERIOD, "grain": Grain.MONTH}
        criteria, search = customer_people.criteria_of(tx, **behind, grid=found.grid, cell=cell)
        best = segments.create(tx, kind="contacts", name="Best", filter=criteria, search=search)
        assert segments.counts(tx, (best,)) == {best.id: 1}
        buy(tx, caio, "2026-06-01")
        assert segments.counts(tx, (best,)) == {best.id: 2}
        with pytest.raises(Invalid, match="No customer"):
            customer_people.criteria_of(tx, **behind, grid=found.grid, cell=Cell.parse("rfm:2:2"))


def test_without_the_module_there_is_no_report(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    with pytest.raises(ModuleOff), store.reading(team.marta) as tx:
        report(tx)


@pytest.mark.parametrize("text", ["", "rfm", "rfm:0:1", "rfm:1:6", "cohort:2026-01-01", "cohort:x:1", "won:1:1"])
def test_a_code_that_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is not a figure"):
        Cell.parse(text)


def test_every_code_is_read_back() -> None:
    for cell in (Cell.parse("rfm:5:1"), Cell.parse("cohort:2026-01-01:12")):
        assert Cell.parse(str(cell)) == cell
