"""Files about deals that have lines: their value is a sum, which no file sets."""

from decimal import Decimal

import pytest

from crm import deals, imports
from crm.deals import quote
from crm.verify import verify
from tests.imports.conftest import counts, finished, reasons

HEADER = "identifier,title,value,currency\n"


@pytest.fixture
def quoted(store, team, bring, pipeline):
    """D-1 was typed as 10 BRL and has lines of 30.50 USD; D-2 has none."""
    bring(team.marta, "deals", HEADER + "D-1,Parts,10,BRL\nD-2,More,20,BRL\n")
    with store.writing(team.marta) as tx:
        quote.add(tx, 1, name="Screw", quantity=3, unit_price="10.1667", currency="USD")
    return 1


def deal(store, team, deal_id=1):
    with store.reading(team.marta) as tx:
        found = deals.get(tx, deal_id)
    return found.title, found.value, found.currency


@pytest.mark.parametrize("row", ["D-1,Bolts,99,USD", "D-1,Bolts,30.50,BRL", "D-1,Bolts,,BRL"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_row_that_would_set_another_value_or_currency_is_refused_and_says_why(
    store, team, bring, quoted, row, dry_run
):
    done = bring(team.marta, "deals", f"{HEADER}{row}\nD-2,More,21,BRL\n", on_duplicate="overwrite", dry_run=dry_run)
    assert counts(done) == (0, 1, 0, 0, 1)
    assert done.conflicts == 1
    [(line, reason)] = reasons(store, team.marta, done)
    assert line == 2
    assert reason.startswith("The value of this deal is the sum of its lines, 30.5 USD.")
    assert deal(store, team) == ("Parts", Decimal("30.50"), "USD")
    assert deal(store, team, 2)[1] == (20 if dry_run else 21)


@pytest.mark.parametrize("row", ["D-1,Bolts,30.50,USD", "D-1,Bolts,30.5,", "D-1,Bolts,,"])
def test_a_row_that_says_the_same_changes_the_rest_and_leaves_the_typed_value(store, team, bring, quoted, row):
    done = bring(team.marta, "deals", f"{HEADER}{row}\n", on_duplicate="overwrite")
    assert counts(done) == (0, 1, 0, 0, 0)
    assert deal(store, team) == ("Bolts", Decimal("30.50"), "USD")
    with store.writing(team.marta) as tx:
        imports.undo(tx, done.id)
    assert finished(store, team.marta, done.id).undone["restored"] == 1
    assert deal(store, team) == ("Parts", Decimal("30.50"), "USD")
    with store.writing(team.marta) as tx:
        quote.remove(tx, 1, quote.of(tx, 1).items[0].id)
    assert deal(store, team) == ("Parts", Decimal(10), "BRL")
    assert verify(store) == []


def test_filling_fills_no_value_of_a_deal_with_lines(store, team, bring, quoted):
    done = bring(team.marta, "deals", HEADER + "D-1,Bolts,99,EUR\n", on_duplicate="fill")
    assert counts(done) == (0, 0, 1, 0, 0)
    assert deal(store, team) == ("Parts", Decimal("30.50"), "USD")


def test_an_import_whose_deals_got_lines_since_leaves_them_when_it_is_undone(store, team, bring, pipeline):
    done = bring(team.marta, "deals", HEADER + "D-1,Parts,10,BRL\nD-2,More,20,BRL\n")
    with store.writing(team.marta) as tx:
        quote.add(tx, 1, name="Gift", unit_price=10)
    with store.writing(team.marta) as tx:
        imports.undo(tx, done.id)
    undone = finished(store, team.marta, done.id).undone
    assert (undone["deleted"], undone["left"]) == (1, 1)
    assert deal(store, team) == ("Parts", Decimal(10), "BRL")
    assert verify(store) == []
