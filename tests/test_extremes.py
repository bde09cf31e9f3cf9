"""Whatever a field accepts, every list, board, total, report and file shows: one record must never take a page down.

The law is tried on one store that fills with the extremes of every field, in currencies of none, two and three minor
digits; what a verb refuses, it refuses in words.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from crm import catalog, companies, contacts, deals, exports, orders, pipelines
from crm.deals import PipelineQuery, health, quote
from crm.foundation import money
from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.platform import workspace
from crm.records import attributes, checklists, labels, listing, lists, notes, registry
from crm.records.attributes import AttributeType
from crm.records.filters import Measure, Related, Rule
from crm.records.history import history
from crm.records.listing import ListQuery
from crm.reports import closings, conversion, forecast, order_sheet, periods, sheets
from crm.reports.periods import Grain
from crm.store import Reading, Store, Writing
from crm.verify import verify
from tests.people import Team

FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)
LARGEST = "99999999999999"

AMOUNTS = (LARGEST, "99999999999998.9999", "17000000000", "0.0001", "0", "-1", "1e14", "1e999999999", "1e-999999999",
           "0e999999999", "-1e999999999", "NaN", "Infinity", "9" * 5000, 10**4999, "")  # fmt: skip
DAYS = (FIRST, LAST, date(1, 1, 1), date(9999, 12, 31), date(1969, 12, 31), date(2026, 2, 28))
TEXTS = ("a" * 300, "ß" * 300, "\0", "half \ud83d", "=1+1", "a" * 100_000, "", "👩‍👩‍👧‍👦" * 30, "\u202e abc", "\n" * 9)
NUMBERS = (*AMOUNTS, "999999999999999", "-999999999999999", "1e300", "1e-300", "5e-324", 1e308, float("nan"), True)
CURRENCIES = ("BRL", "VND", "JPY", "KWD", "CLF")
CHANCES = ("0", "0.01", "5", "60", "99.99", "100", "33.333", "1e-999999999", "1e999999999", "NaN")

ATTRIBUTES: dict[AttributeType, tuple[Any, ...]] = {
    AttributeType.TEXT: TEXTS,
    AttributeType.NUMBER: NUMBERS,
    AttributeType.CURRENCY: NUMBERS,
    AttributeType.PERCENT: NUMBERS,
    AttributeType.LINK: (f"https://example.com/{'a' * 1900}", "https://[", "javascript:1", *TEXTS),
    AttributeType.DATE: (*DAYS, "0001-01-01", "2200-12-31", "9999-12-31", "2026-W01-1", "x"),
    AttributeType.LIST: ("Red", "red", *TEXTS),
    AttributeType.CHECKBOX: (True, False, "yes", 10**4999),
}

amounts, days, texts = some.sampled_from(AMOUNTS), some.sampled_from(DAYS), some.sampled_from(TEXTS)
currencies = some.sampled_from(CURRENCIES)
custom = some.fixed_dictionaries(
    {}, optional={f"my_{kind.value}": some.sampled_from(values) for kind, values in ATTRIBUTES.items()}
)
deal = some.fixed_dictionaries(
    {"title": texts, "value": amounts, "currency": currencies, "expected_close": some.none() | days},
    optional={"identifier": texts, "source": texts, "attributes": custom},
)
line = some.fixed_dictionaries(
    {"name": texts, "quantity": amounts, "unit_price": amounts},
    optional={"discount_kind": some.sampled_from(["fixed", "percent"]), "discount": amounts},
)
order = some.fixed_dictionaries(
    {"title": texts, "value": amounts, "currency": currencies, "ordered_on": days},
    optional={"paid_on": days, "note": texts, "external_id": texts, "status": some.sampled_from(orders.STATUSES)},
)
contact = some.fixed_dictionaries(
    {"name": texts}, optional={"city": texts, "country": texts, "identifier": texts, "attributes": custom}
)
company = some.fixed_dictionaries({"name": texts}, optional={"description": texts, "attributes": custom})
product = some.fixed_dictionaries({"sku": texts, "name": texts, "prices": some.dictionaries(currencies, amounts)})
records = some.fixed_dictionaries(
    {
        "deals": some.lists(deal, min_size=6, max_size=6),
        "lines": some.lists(line, min_size=3, max_size=3),
        "orders": some.lists(order, min_size=4, max_size=4),
        "contacts": some.lists(contact, min_size=3, max_size=3),
        "companies": some.lists(company, min_size=3, max_size=3),
        "products": some.lists(product, min_size=2, max_size=2),
        "chances": some.lists(some.sampled_from(CHANCES), min_size=2, max_size=2),
        "items": some.lists(some.tuples(texts, days), min_size=2, max_size=2),
        "notes": some.lists(texts, min_size=1, max_size=1),
    }
)


@pytest.fixture
def pipeline(store: Store, team: Team) -> pipelines.Pipeline:
    with store.writing(team.ada) as tx:
        for module in (Module.ORDERS, Module.CATALOG):
            workspace.switch(tx, module, True)
        for model in ("contact", "company", "deal"):
            for kind in attributes.PLAIN:
                made = attributes.define(tx, model=model, name=f"My {kind.value}", type=kind)
                if kind is AttributeType.LIST:
                    attributes.add_values(tx, made.id, ["Red", "Blue"])
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(records)
def test_what_a_field_accepts_everything_shows(store: Store, team: Team, pipeline, given: dict[str, Any]) -> None:
    write(store, team, pipeline, given)
    with store.reading(team.ada) as tx:
        read_all(tx, pipeline)
    assert verify(store) == []


def test_the_largest_deals_in_every_currency_add_up(store: Store, team: Team, pipeline) -> None:
    """Four of the largest in each: sums and products beyond any of them are right to the last digit."""
    first, last = pipeline.open_stages[0], pipeline.open_stages[-1]
    with store.writing(team.ada) as tx:
        pipelines.set_probability(tx, first.id, Decimal("5"))
        pipelines.set_probability(tx, last.id, Decimal("99.99"))
        for code in CURRENCIES:
            for stage in (first, first, last, last):
                deals.create(
                    tx, title=code, pipeline_id=pipeline.id, stage_id=stage.id, value=LARGEST, currency=code,
                    expected_close=tx.today,
                )  # fmt: skip
    value = 4 * Decimal(LARGEST)
    weighted = 2 * Decimal(LARGEST) * (5 + Decimal("99.99")) / 100
    with store.reading(team.ada) as tx:
        found = deals.totals(tx, ListQuery())
        report = forecast.report(tx, period=periods.parse("this-month", tx.today), grain=Grain.MONTH, currency="KWD")
        board = deals.board(tx, pipeline.id)
    assert {total.currency: (total.open_value, total.weighted) for total in found} == dict.fromkeys(
        CURRENCIES, (value, weighted)
    )
    assert (report.open.value, report.open.weighted) == (value, weighted)
    shown = [total for column in board.columns for total in column.totals if total.currency == "VND"]
    assert sum(total.weighted for total in shown) == weighted


def write(store: Store, team: Team, pipeline: pipelines.Pipeline, given: dict[str, Any]) -> None:
    """Each record in a change of its own: kept, or refused in words."""

    told: list[str] = []

    def tried(work: Callable[[Writing], Any]) -> Any:
        try:
            with store.writing(team.ada) as tx:
                return work(tx)
        except Invalid as refusal:
            told.append(str(refusal))
            return None

    for stage, chance in zip(pipeline.open_stages, given["chances"], strict=False):
        tried(lambda tx, at=stage.id, chance=chance: pipelines.set_probability(tx, at, Decimal(chance)))
    people = [tried(lambda tx, one=one: contacts.create(tx, **one)) for one in given["contacts"]]
    firms = [tried(lambda tx, one=one: companies.create(tx, **one)) for one in given["companies"]]
    buyer = next((one.id for one in people if one), None) or tried(lambda tx: contacts.create(tx, name="Lia")).id
    firm = next((one.id for one in firms if one), None)
    for one in given["products"]:
        tried(lambda tx, one=one: catalog.create(tx, **one))
    for place, one in enumerate(given["deals"]):
        stage = pipeline.open_stages[place % 3]
        made = tried(
            lambda tx, one=one, stage=stage: deals.create(
                tx, pipeline_id=pipeline.id, stage_id=stage.id, contact_id=buyer, company_id=firm, **one
            )
        )
        if made and place == 0:
            end(tried, team, made.id, given)
        if made and place in (1, 2):
            closed = deals.win if place == 1 else deals.lose
            tried(lambda tx, made=made, closed=closed: closed(tx, made.id, note="Done"))
    for one in given["orders"]:
        tried(lambda tx, one=one: orders.create(tx, contact_id=buyer, **one))
    assert all(0 < len(refusal) < 1000 for refusal in told)


def end(tried: Callable[..., Any], team: Team, deal_id: int, given: dict[str, Any]) -> None:
    """Lines, a quote, a checklist, notes and labels of one deal."""
    for one in given["lines"]:
        tried(lambda tx, one=one: quote.add(tx, deal_id, **one))
    tried(lambda tx: quote.issue(tx, deal_id, note=given["notes"][0]))
    made = tried(lambda tx: checklists.add(tx, deal_id, "To do"))
    for text, day in given["items"]:
        tried(lambda tx, text=text, day=day: checklists.add_item(tx, made.id, text, due_on=day))
    for text in given["notes"]:
        tried(lambda tx, text=text: notes.add(tx, "deal", deal_id, text))
    tried(lambda tx: deals.set_labels(tx, deal_id, ["vip", *given["notes"]]))


def read_all(tx: Reading, pipeline: pipelines.Pipeline) -> None:
    """Every list, total, report and file that shows a value of a record."""
    read_lists(tx)
    read_pipeline(tx, pipeline)
    read_reports(tx, pipeline)
    read_records(tx)
    read_filters(tx)
    for kind in ("contacts", "companies", "deals", "orders"):
        for suffix in ("csv", "xlsx", "parquet"):
            assert exports.export(tx, kind, suffix, ListQuery())


def read_lists(tx: Reading) -> None:
    """Each by each of its sorts, from its beginning and from a cursor."""
    for source in (lists.source(of) for of in registry.types().values()):
        for sort in source.sorts:
            found = listing.find(tx, source, ListQuery(sort=f"-{sort}", limit=6))
            if found.next:
                listing.find(tx, source, ListQuery(sort=f"-{sort}", cursor=found.next))
    catalog.find(tx, ListQuery(sort="name"))
    labels.all_of(tx)


def read_pipeline(tx: Reading, pipeline: pipelines.Pipeline) -> None:
    board = deals.board(tx, pipeline.id)
    assert board.count == sum(1 for _ in tx.rows("SELECT id FROM deals"))
    figures = deals.figures(tx, pipeline.id)
    shown = [total.weighted for column in board.columns for total in column.totals if column.stage.kind == "open"]
    assert all(amount >= 0 for amount in [*shown, figures.weighted])
    for first in (FIRST, LAST.replace(day=1), tx.today.replace(day=1)):
        deals.calendar(tx, PipelineQuery(pipeline_id=pipeline.id), first)
    for total in deals.totals(tx, ListQuery()):
        for locale in ("en", "pt_BR"):
            for amount in (total.open_value, total.weighted, total.won_value, total.lost_value):
                assert money.shown(amount, total.currency, locale)
                assert money.compact(amount, total.currency, locale)
                assert money.shown_exactly(amount, total.currency, locale)


def read_reports(tx: Reading, pipeline: pipelines.Pipeline) -> None:
    spans = [periods.parse("next-12-months", tx.today), periods.parse("1900-01-01/1929-01-01", tx.today),
             periods.parse("2171-01-01/2200-12-31", tx.today)]  # fmt: skip
    for period, code, grain in zip(spans, CURRENCIES, [*Grain, Grain.MONTH], strict=False):
        report = forecast.report(tx, period=period, grain=grain, currency=code)
        assert report.open.weighted >= 0
        closings.report(tx, period=period, grain=grain, currency=code)
        conversion.report(tx, pipeline_id=pipeline.id, period=period)
        for cell in ("won", "open", "overdue", "undated", "outside"):
            forecast.drill_down(tx, report, forecast.Cell.parse(cell))
    for name in sheets.SHEETS:
        assert sheets.sheet(tx, name, {"pipeline": str(pipeline.id)})
    assert order_sheet.sheet(tx, {})


def read_records(tx: Reading) -> None:
    for row in tx.rows("SELECT id FROM deals"):
        deals.get(tx, row["id"])
        health.of(tx, row["id"])
        quote.of(tx, row["id"])
        checklists.of(tx, row["id"])
        history(tx, "deal", row["id"])
        for one in quote.issued(tx, row["id"]):
            for locale in ("en", "pt_BR"):
                assert quote.printed(one, "Mallard", locale).startswith(b"%PDF")
    for row in tx.rows("SELECT id FROM contacts"):
        contacts.get(tx, row["id"])
        deals.of_contact(tx, row["id"])
        orders.figures(tx, orders.of(tx, "contact", row["id"]))
    for row in tx.rows("SELECT id FROM companies"):
        companies.get(tx, row["id"])
        deals.totals_of_company(tx, row["id"])
    for row in tx.rows("SELECT id FROM products"):
        catalog.get(tx, row["id"])
        catalog.price_history(tx, row["id"])
    for row in tx.rows("SELECT id FROM orders"):
        orders.get(tx, row["id"])
        orders.history(tx, row["id"])
    orders.overview(tx, ListQuery())
    orders.totals(tx, ListQuery())


def read_filters(tx: Reading) -> None:
    """Segments over sums and averages of what lies beyond any one value."""
    for op, value in (("more_than", "999999999999999999"), ("at_most", "0.000000001"), ("is", "1e17")):
        for figure, relation in (("sum", "deals"), ("average", "orders")):
            measure = Measure(figure=figure, field="value", currency="BRL", op=op, value=value)
            listing.count(
                tx, lists.source(contacts.CONTACT), ListQuery(filter=Related(relation=relation, measure=measure))
            )
        for key in ("my_number", "my_currency"):
            deals.count(tx, ListQuery(filter=Rule(field=f"attribute:{key}", op=op, value=value)))
    deals.count(tx, ListQuery(filter=Rule(field="expected_close", op="between", value=(FIRST, LAST))))
    deals.count(tx, ListQuery(filter=Rule(field="created_at", op="between", value=(FIRST, LAST))))
