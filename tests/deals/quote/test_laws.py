"""Laws of lines, whatever is done to them in whatever order: their rounded totals make the value, none is negative, one
deal has one currency, the catalog changes no quote, and the last line gives the typed value back."""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from crm import catalog, deals
from crm.catalog import Product
from crm.deals import Deal, quote
from crm.foundation import money
from crm.foundation.errors import Invalid
from crm.store import Store
from crm.verify import verify
from tests.people import Team

CURRENCIES = ("BRL", "JPY", "KWD")
NUMBERS = some.decimals("0.0001", "99999.9999", places=4)
DISCOUNT = some.one_of(
    some.just((None, Decimal(0))),
    some.tuples(some.just("percent"), some.decimals(0, 120, places=4)),
    some.tuples(some.just("fixed"), some.decimals(0, 200_000, places=4)),
)
LINE = some.fixed_dictionaries({"quantity": NUMBERS, "unit_price": NUMBERS | some.just(Decimal(0))})
STEP = some.one_of(
    some.tuples(some.just("add"), LINE, DISCOUNT, some.sampled_from(CURRENCIES)),
    some.tuples(some.just("product"), NUMBERS, DISCOUNT, some.sampled_from(CURRENCIES)),
    some.tuples(some.just("edit"), LINE, DISCOUNT, some.integers(0, 5)),
    some.tuples(some.just("remove"), some.integers(0, 5)),
    some.tuples(some.just("turn"), some.integers(0, 5)),
    some.tuples(some.just("catalog"), some.dictionaries(some.sampled_from(CURRENCIES), NUMBERS, min_size=1)),
)
TYPED = (Decimal(1200), "BRL")


@given(LINE, DISCOUNT, some.sampled_from(CURRENCIES))
def test_a_line_is_never_negative_and_within_half_a_minor_unit_of_exact(
    line: dict[str, Decimal], discount: tuple[str | None, Decimal], currency: str
) -> None:
    kind, off = discount
    before = line["quantity"] * line["unit_price"]
    taken = before * off / 100 if kind == "percent" else off
    try:
        total = quote.line_total(line["quantity"], line["unit_price"], kind, off, currency)
    except Invalid:
        assert taken > before or off > 100
        return
    assert total >= 0
    assert abs(total - (before - taken)) <= money.minor_unit(currency) / 2
    assert total == total.quantize(money.minor_unit(currency))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=some.lists(STEP, max_size=8))
def test_whatever_is_done_to_lines_their_laws_hold(
    store: Store, team: Team, chairs: Deal, lamp: Product, steps: list[Any]
) -> None:
    for step in steps:
        before = _quotes(store, team, chairs)
        try:
            _do(store, team, chairs, lamp, step)
        except Invalid:
            assert _quotes(store, team, chairs) == before
        if step[0] == "catalog":
            assert _quotes(store, team, chairs) == before
        _check(store, team, chairs, before)
    with store.writing(team.ana) as tx:
        for line in quote.of(tx, chairs.id).items:
            quote.remove(tx, chairs.id, line.id)
        deal = deals.get(tx, chairs.id)
    assert ((deal.value, deal.currency), deal.has_lines) == (TYPED, False)
    assert verify(store) == []


def _quotes(store: Store, team: Team, deal: Deal) -> quote.Lines:
    with store.reading(team.ana) as tx:
        return quote.of(tx, deal.id)


def _check(store: Store, team: Team, chairs: Deal, before: quote.Lines) -> None:
    lines = _quotes(store, team, chairs)
    with store.reading(team.ana) as tx:
        deal = deals.get(tx, chairs.id)
    assert all(line.total >= 0 for line in lines.items)
    assert (deal.value, deal.currency) == (
        (sum(line.total for line in lines.items), lines.currency) if lines.items else TYPED
    )
    if before.items and lines.items:
        assert lines.currency == before.currency


def _do(store: Store, team: Team, deal: Deal, lamp: Product, step: Any) -> None:
    lines = _quotes(store, team, deal).items
    match step:
        case ("catalog", prices):
            with store.writing(team.marta) as tx:
                catalog.edit(tx, lamp.id, prices=prices, name=f"Lamp {len(prices)}")
            return
        case ("edit" | "remove" | "turn", *_) if not lines:
            return
    with store.writing(team.ana) as tx:
        match step:
            case ("add", line, (kind, off), currency):
                quote.add(tx, deal.id, name="Thing", discount_kind=kind, discount=off, currency=currency, **line)
            case ("product", quantity, (kind, off), currency):
                quote.add(
                    tx,
                    deal.id,
                    product_id=lamp.id,
                    quantity=quantity,
                    discount_kind=kind,
                    discount=off,
                    currency=currency,
                )
            case ("edit", line, (kind, off), n):
                quote.edit(tx, deal.id, lines[n % len(lines)].id, discount_kind=kind, discount=off, **line)
            case ("remove", n):
                quote.remove(tx, deal.id, lines[n % len(lines)].id)
            case ("turn", n):
                ids = [line.id for line in lines]
                quote.reorder(tx, deal.id, [*ids[n % len(ids) :], *ids[: n % len(ids)]])
