"""Amounts and dates: one way of writing a column, asked for where two would do, never guessed row by row."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.foundation.errors import Invalid
from crm.imports.reading import amounts, dates


def read(cells: list[str], **options: object) -> list[Decimal | None]:
    column = pl.Series(cells)
    return amounts.amounts(column, amounts.mark_of(column, "Value"), **options)["value"].to_list()


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.234,56", "10"], ["1234.56", "10"]),
        (["1,234.56", "10"], ["1234.56", "10"]),
        (["R$ 1.234,56", "R$10,00"], ["1234.56", "10"]),
        (["1 234,5", "12\u00a0000,00"], ["1234.5", "12000"]),
        (["1'234.50"], ["1234.5"]),
        (["1054", "550"], ["1054", "550"]),
        (["1.000.000", "5"], ["1000000", "5"]),
    ],
)
def test_amounts_are_read_by_the_decimal_mark_of_their_column(cells, values):
    assert read(cells) == [Decimal(value) for value in values]


@pytest.mark.parametrize("cell", ["1.234", "1,234"])
def test_an_amount_that_reads_two_ways_is_asked(cell):
    with pytest.raises(Invalid, match=r"two ways: “.*” is .* decimal point or .* decimal comma"):
        read([cell])


@pytest.mark.parametrize(
    ("cell", "code"), [("R$ 5", "BRL"), ("US$5", "USD"), ("5 €", "EUR"), ("$5", None), ("JPY 5", "JPY")]
)
def test_a_sign_says_its_currency(cell, code):
    assert amounts.amounts(pl.Series([cell]), ".")["written_in"].to_list() == [code]


@pytest.mark.parametrize("cell", ["-5", "(5)", "5-", "R$ -5", "-R$ 5"])
def test_a_negative_amount_is_refused_and_says_so(cell):
    assert "negative" in amounts.amounts(pl.Series([cell]), ".")["fault"][0]


@pytest.mark.parametrize("cell", ["five", "1.2.3", "1,2", "--", "1e5", "٣"])
def test_what_is_no_amount_is_refused(cell):
    assert amounts.amounts(pl.Series([cell]), ".")["fault"][0]


@given(st.decimals(0, 10**12, places=2), st.sampled_from([".", ","]))
def test_an_amount_written_by_the_rules_is_read_back(value, mark):
    written = f"{value:,.2f}"
    if mark == ",":
        written = written.translate(str.maketrans(",.", ".,"))
    assert amounts.amounts(pl.Series([written]), mark)["value"][0] == value


@pytest.mark.parametrize(
    ("cells", "pattern"),
    [
        (["10/20/2016", "3/1/2017"], "%m/%d/%Y"),
        (["31/12/2025", "01/02/2025"], "%d/%m/%Y"),
        (["31.12.2025"], "%d.%m.%Y"),
        (["2026-01-05", "2026-12-31"], "%Y-%m-%d"),
        (["2026-01-05 14:33:00", "2026-02-01T10:00:00Z"], "%Y-%m-%d"),
        (["20260105"], "%Y%m%d"),
        (["31/12/25"], "%d/%m/%y"),
        (["05/05/2026", "06/06/2026"], "%d/%m/%Y"),
        (["31/12/2025", "not yet"], "%d/%m/%Y"),
    ],
)
def test_one_pattern_is_found_for_a_column(cells, pattern):
    assert dates.pattern_of(cells, "Closed") == pattern


def test_a_date_that_reads_two_ways_is_asked_with_both_readings():
    with pytest.raises(Invalid) as refusal:
        dates.pattern_of(["03/04/2026", "05/05/2026"], "Closed")
    assert "“03/04/2026” is 3 April 2026 (day/month/year) or 4 March 2026 (month/day/year)" in str(refusal.value)


def test_a_column_written_in_two_ways_is_asked():
    with pytest.raises(Invalid, match="written in two ways"):
        dates.pattern_of(["31/12/2025", "12/31/2025"], "Closed")


def test_dates_that_are_none_are_refused_with_the_way_to_write_them():
    found = dates.dates(pl.Series(["31/12/2025", "30/02/2025", "", None]), "%d/%m/%Y")
    assert found["value"].to_list() == [date(2025, 12, 31), None, None, None]
    assert found["fault"].to_list() == [None, "“30/02/2025” is not a date written as 31/12/2026.", None, None]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-09-03 23:14:00 -0300", 3),
        ("2026-09-05 10:00:00 UTC", 5),
        ("2026-09-05T02:59:59Z", 4),
        ("2026-09-05T03:00:00+00:00", 5),
        ("2026-09-05 01:00:00+05:30", 4),
        ("2026-09-05 12:30 AM GMT", 4),
        ("2026-09-05 01:00", 5),
        ("2026-09-05", 5),
    ],
)
def test_a_moment_with_an_offset_is_put_into_the_workspaces_zone_before_its_day_is_taken(cell, day):
    found = dates.dates(pl.Series([cell]), "%Y-%m-%d", "America/Sao_Paulo")
    assert found.rows() == [(date(2026, 9, day), None)]


@pytest.mark.parametrize(
    ("cells", "pattern"),
    [
        (["3 Sep 2026", "12 January 2026"], "%d %B %Y"),
        (["3-set-2026", "3/Set/2026", "3 de setembro de 2026", "3º de março de 2026"], "%d %B %Y"),
        (["Thu, 3 Sep 2026 10:00:00 GMT", "quinta-feira, 3 de setembro de 2026"], "%d %B %Y"),
        (["Sep 3, 2026", "September 3rd, 2026 10:00 PM"], "%B %d %Y"),
        (["3-Sep-26"], "%d %B %y"),
    ],
)
def test_months_are_read_by_their_names_in_english_and_portuguese(cells, pattern):
    assert dates.pattern_of(cells, "Closed") == pattern
    found = dates.dates(pl.Series([*cells, "3 foo 2026"]), pattern)
    assert found["value"][0] == date(2026, 9, 3)
    assert found["value"].null_count() == 1
    assert found["fault"][-1].startswith("“3 foo 2026” is not a date written as ")
