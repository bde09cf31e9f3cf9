"""Files of rates: the European Central Bank's, and plain ones; taken in once, with what was wrong named by line."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from crm.foundation.errors import Forbidden, Invalid
from crm.platform import rates, workspace
from crm.platform.rates import Outcome, Sheet, Source
from crm.records import audit
from crm.store import Store
from crm.verify import verify
from tests.people import Team

TODAY = date(2026, 12, 1)
HISTORY = """\
Date,USD,JPY,BRL,XYZ,
2026-11-30,1.0834,162.50,6.2501,1.0,
2026-11-27,1.0800,N/A,6.2000,1.0,
1999-01-04,1.1789,133.73,N/A,N/A,
"""
ONE_DAY = "Date, USD, JPY, BRL, \n30 November 2026, 1.0834, 162.50, 6.2501, \n"


def read(text: str, base: str = "BRL") -> Sheet:
    return rates.read(text.encode(), base, TODAY)


def given(sheet: Sheet) -> dict[tuple[str, str], str]:
    return {(one.currency, str(one.day)): f"{one.rate.normalize():f}" for one in sheet.quotes}


def apply(store: Store, team: Team, text: str, source: Source = Source.FILE) -> Outcome:
    with store.writing(team.ada) as tx:
        return rates.apply(tx, read(text), source)


def counts(outcome: Outcome) -> tuple[int, int, int, int, int]:
    return outcome.new, outcome.changed, outcome.unchanged, outcome.kept, outcome.rejected


def test_the_banks_history_is_converted_through_the_euro() -> None:
    found = read(HISTORY)
    assert given(found) == {
        ("EUR", "2026-11-30"): "6.2501",
        ("USD", "2026-11-30"): "5.768968063504",  # 6.2501 / 1.0834
        ("JPY", "2026-11-30"): "0.038462153846",
        ("EUR", "2026-11-27"): "6.2",
        ("USD", "2026-11-27"): "5.740740740741",
    }
    assert [(one.line, one.reason[:5]) for one in found.rejects] == [(1, "“XYZ”")]
    assert found.unquoted_days == 1


def test_where_the_workspace_counts_in_euros_a_rate_is_one_by_what_the_bank_says() -> None:
    assert given(read(ONE_DAY, "EUR")) == {
        ("USD", "2026-11-30"): "0.923020121839", ("JPY", "2026-11-30"): "0.006153846154",
        ("BRL", "2026-11-30"): "0.159997440041",
    }  # fmt: skip


def test_the_file_of_one_day_is_read_and_packed_as_the_bank_packs_it() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref.csv", ONE_DAY)
    assert given(rates.read(packed.getvalue(), "BRL", TODAY)) == given(read(ONE_DAY))
    assert given(read(ONE_DAY))["EUR", "2026-11-30"] == "6.2501"


def test_a_plain_file_is_read_with_either_mark_and_what_is_no_rate_is_named_by_its_line() -> None:
    found = read("day,currency,rate\n2026-11-30,usd,5.12\n\n2026-11-30,EUR,6.01\n")
    assert given(found) == {("USD", "2026-11-30"): "5.12", ("EUR", "2026-11-30"): "6.01"}
    assert given(read("Data;Moeda;Cotação\n30/11/2026;USD;5,12\n")) == {("USD", "2026-11-30"): "5.12"}
    wrong = read(
        "currency,rate,date\nUSD,5.12,2026-11-30\nUSD,5.13,2026-11-30\nBRL,1,2026-11-30\nUSD,0,2026-11-29\n"
        "USD,5.1,2026-12-02\nUSD,5.1,soon\nUSD,five,2026-11-28\nUSD\n"
    )
    assert [one.line for one in wrong.quotes] == [2]
    assert [(one.line, one.reason.split(".")[0]) for one in wrong.rejects] == [
        (3, "Line 2 has a rate of USD for this day"),
        (4, "BRL is the workspace's own currency: its rate is 1, on every day"),
        (5, "A rate is above zero"),
        (6, "The rate of a day to come is not known: give today or a day before it"),
        (7, "“soon” is no day"),
        (8, "“five” is not a rate"),
        (9, "The line is cut short"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no file of rates"),
        (b"name,email\nLia,x@example.com\n", "no file of rates"),
        (b"Date,USD,\n2026-11-30,1.08,\n", "says nothing of BRL"),
        (b"\xff\xfe\x00d", "no text in UTF-8"),
        (b"PK\x03\x04 and no more", "cannot be unpacked"),
        (b"day,currency,rate\n" + b"x" * rates.LARGEST_FILE, "larger than 16 MiB"),
    ],
)
def test_what_is_no_file_of_rates_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        rates.read(content, "BRL", TODAY)


def test_an_archive_that_unpacks_to_more_than_the_limit_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"0" * (rates.LARGEST_FILE + 1))
    with pytest.raises(Invalid, match="larger than 16 MiB"):
        rates.read(packed.getvalue(), "BRL", TODAY)


def test_a_file_says_before_what_comes_of_it_and_changes_nothing_the_second_time(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "EUR", date(2026, 11, 27), "6.2")
        rates.set_rate(tx, "USD", date(2026, 11, 27), "5.7")
    with store.reading(team.ada) as tx:
        planned = rates.plan(tx, read(HISTORY), Source.FILE)
        assert rates.history(tx).total == 2
    assert counts(planned) == (3, 1, 1, 0, 1)
    assert apply(store, team, HISTORY) == planned
    with store.reading(team.ada) as tx:
        [told] = audit.find(tx, search="rates.imported").items
        total = audit.find(tx).total
        assert [(one.currency, one.source) for one in rates.history(tx).items] == [
            ("EUR", "file"), ("JPY", "file"), ("USD", "file"), ("EUR", "hand"), ("USD", "file"),
        ]  # fmt: skip
    assert told.payload["changes"] == {"USD 2026-11-27": ["5.7", "5.740740740741"]}
    assert counts(apply(store, team, HISTORY)) == (0, 0, 5, 0, 1)
    with store.reading(team.ada) as tx:
        assert audit.find(tx).total == total
    assert verify(store) == []


def test_what_a_person_set_is_kept_from_what_is_fetched(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "USD", date(2026, 11, 30), "5.5")
    assert counts(apply(store, team, ONE_DAY, Source.FETCH)) == (2, 0, 0, 1, 0)
    with store.reading(team.ada) as tx:
        assert rates.get(tx, "USD", date(2026, 11, 30)).rate == Decimal("5.5")


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_only_who_manages_settings_takes_a_file_in(store: Store, team: Team, name: str) -> None:
    for work in (rates.plan, rates.apply):
        with pytest.raises(Forbidden), store.writing(getattr(team, name)) as tx:
            work(tx, read(ONE_DAY), Source.FILE)
    with store.reading(team.ada) as tx:
        assert rates.history(tx).total == 0


def test_another_currency_of_the_workspace_has_the_rates_computed_in_it_and_the_former_ones_come_back(
    store: Store, team: Team
) -> None:
    apply(store, team, HISTORY)
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "GBP", date(2026, 11, 28), "7")
        before = rates.history(tx)
        workspace.change(tx, currency="USD")
    with store.reading(team.ada) as tx:
        found = {(one.currency, one.day.day): one.rate for one in rates.history(tx).items}
        assert all(one.source == "rebased" for one in rates.history(tx).items)
    assert found == {
        ("BRL", 30): Decimal("0.173341226540"),  # 1 / 5.768968063504
        ("EUR", 30): Decimal("1.083400000000"),
        ("JPY", 30): Decimal("0.006667076923"),
        ("GBP", 28): Decimal("1.219354838710"),  # 7 / 5.740740740741, the dollar of the day before
        ("BRL", 27): Decimal("0.174193548387"),
        ("EUR", 27): Decimal("1.080000000000"),
    }
    with pytest.raises(Invalid, match="another currency"), store.writing(team.ada) as tx:
        rates.apply(tx, read(ONE_DAY), Source.FILE)
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "BRL", date(2026, 12, 1), "0.2")
        workspace.change(tx, currency="BRL")
    with store.writing(team.ada) as tx:
        after = rates.history(tx)
        assert after.items[1:] == before.items
        assert (after.items[0].currency, after.items[0].rate, after.items[0].source) == ("USD", Decimal(5), "rebased")
        workspace.change(tx, currency="USD")
        assert rates.get(tx, "BRL", date(2026, 12, 1)).source == "hand"
        assert rates.get(tx, "GBP", date(2026, 11, 28)).rate == Decimal("1.219354838710")
    assert verify(store) == []
