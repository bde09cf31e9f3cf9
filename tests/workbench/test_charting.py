"""Charts of results: what is drawn of which rows, and what cannot be drawn, said with the column's name."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pydantic import ValidationError

from crm.foundation.errors import Invalid
from crm.workbench import charting
from crm.workbench.charting import Aggregation, Chart, ChartKind, Points

DEALS = pa.table(
    {
        "month": [date(2026, 2, 1), date(2026, 1, 1), date(2026, 1, 1), None],
        "owner": ["Ana", "Ana", "Bob", "Bob"],
        "value": pa.array([Decimal("1.50"), Decimal("2.25"), None, Decimal("9")], pa.decimal128(18, 2)),
        "deals": [1, 2, 3, 4],
        "tags": [["a"], [], [], []],
    }
)


def drawn(points: Points) -> dict[str, list[tuple[object, float | None]]]:
    return {one.name: list(zip(one.xs, one.ys, strict=True)) for one in points.series}


def test_a_line_is_drawn_in_the_order_of_time_and_without_rows_of_no_day() -> None:
    found = charting.points(Chart(kind=ChartKind.LINE, x="month", ys=("value", "deals")), DEALS)
    assert drawn(found) == {
        "value": [(date(2026, 1, 1), 2.25), (date(2026, 1, 1), None), (date(2026, 2, 1), 1.5)],
        "deals": [(date(2026, 1, 1), 2.0), (date(2026, 1, 1), 3.0), (date(2026, 2, 1), 1.0)],
    }
    assert (found.x, found.points_left_out) == ("time", 1)


@pytest.mark.parametrize(
    ("aggregation", "ana", "bob"),
    [
        (Aggregation.SUM, 3.75, 9.0),
        (Aggregation.AVERAGE, 1.875, 9.0),
        (Aggregation.MEDIAN, 1.875, 9.0),
        (Aggregation.MINIMUM, 1.5, 9.0),
        (Aggregation.MAXIMUM, 2.25, 9.0),
        (Aggregation.COUNT, 2.0, 1.0),
    ],
)
def test_rows_of_the_same_x_are_aggregated(aggregation: Aggregation, ana: float, bob: float) -> None:
    found = charting.points(Chart(kind=ChartKind.BAR, x="owner", ys=("value",), aggregation=aggregation), DEALS)
    assert drawn(found) == {"value": [("Ana", ana), ("Bob", bob)]}


def test_rows_are_counted_without_a_column_of_values() -> None:
    found = charting.points(Chart(kind=ChartKind.BAR, x="owner", aggregation=Aggregation.COUNT), DEALS)
    assert drawn(found) == {"Rows": [("Ana", 2.0), ("Bob", 2.0)]}


def test_a_colour_parts_the_points_into_series() -> None:
    chart = Chart(kind=ChartKind.BAR, x="month", ys=("deals",), colour="owner", aggregation=Aggregation.SUM)
    assert drawn(charting.points(chart, DEALS)) == {
        "Ana": [(date(2026, 2, 1), 1.0), (date(2026, 1, 1), 2.0)],
        "Bob": [(date(2026, 1, 1), 3.0)],
    }


def test_a_column_may_be_x_and_colour_and_value_at_once() -> None:
    chart = Chart(kind=ChartKind.SCATTER, x="deals", ys=("deals",), colour="deals")
    assert drawn(charting.points(chart, DEALS)) == {str(n): [(n, float(n))] for n in (1, 2, 3, 4)}


def test_moments_stand_where_the_clock_of_their_zone_shows_them() -> None:
    at = pa.array([datetime(2026, 1, 1, 1, tzinfo=UTC)], pa.timestamp("us", "America/Sao_Paulo"))
    found = charting.points(Chart(kind=ChartKind.SCATTER, x="at", ys=("n",)), pa.table({"at": at, "n": [1]}))
    assert str(found.series[0].xs[0]) == "2025-12-31 22:00:00"


def test_the_largest_series_are_drawn_and_the_others_counted() -> None:
    many = pa.table({"x": ["a"] * 40, "of": [f"S{n}" for n in range(40)], "n": list(range(40))})
    found = charting.points(Chart(kind=ChartKind.BAR, x="x", ys=("n",), colour="of"), many)
    assert {one.name for one in found.series} == {f"S{n}" for n in range(28, 40)}
    assert found.series_left_out == 28


def test_points_beyond_what_can_be_seen_are_counted() -> None:
    many = pa.table({"x": list(range(20_000)), "n": list(range(20_000))})
    found = charting.points(Chart(kind=ChartKind.LINE, x="x", ys=("n",)), many)
    assert (len(found.series[0].xs), found.points_left_out) == (charting.MOST_POINTS, 15_000)


def test_what_is_no_number_to_a_chart_leaves_a_gap() -> None:
    odd = pa.table({"x": ["a", "b", "c"], "n": [float("nan"), float("inf"), 1.0]})
    assert charting.points(Chart(kind=ChartKind.LINE, x="x", ys=("n",)), odd).series[0].ys == [None, None, 1.0]


def test_a_number_is_exact() -> None:
    def of(**more: object) -> object:
        return charting.number(Chart(kind=ChartKind.NUMBER, **more), DEALS)

    assert of(ys=("value",)) == Decimal("1.50")
    assert of(ys=("value",), aggregation=Aggregation.SUM) == Decimal("12.75")
    assert of(aggregation=Aggregation.COUNT) == 4
    nothing = DEALS.slice(0, 0)
    assert charting.number(Chart(kind=ChartKind.NUMBER, ys=("value",)), nothing) is None
    summed = Chart(kind=ChartKind.NUMBER, ys=("value",), aggregation=Aggregation.SUM)
    assert charting.number(summed, nothing) is None


@pytest.mark.parametrize(
    ("chart", "named"),
    [
        (Chart(kind=ChartKind.BAR, x="gone", ys=("value",)), "gone"),
        (Chart(kind=ChartKind.BAR, x="month", ys=("owner",)), "owner"),
        (Chart(kind=ChartKind.BAR, x="tags", ys=("value",)), "tags"),
        (Chart(kind=ChartKind.BAR, x="month", ys=("value",), colour="tags"), "tags"),
    ],
)
def test_what_the_result_has_not_is_named(chart: Chart, named: str) -> None:
    with pytest.raises(Invalid, match=named):
        charting.points(chart, DEALS)


@pytest.mark.parametrize(
    ("chart", "field"),
    [
        (Chart(kind=ChartKind.BAR, ys=("value",)), "chart.x"),
        (Chart(kind=ChartKind.BAR, x="month"), "chart.ys"),
        (Chart(kind=ChartKind.NUMBER), "chart.ys"),
        (Chart(kind=ChartKind.NUMBER, ys=("a", "b")), "chart.ys"),
        (Chart(kind=ChartKind.LINE, x="month", ys=tuple("abcdefghi")), "chart.ys"),
        (Chart(kind=ChartKind.LINE, x="month", ys=("a", "b"), colour="c"), "chart.colour"),
        (Chart(kind=ChartKind.LINE, x="m" * 501, ys=("a",)), "chart"),
    ],
)
def test_a_chart_that_no_result_can_fill_is_refused(chart: Chart, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        charting.checked(chart)
    assert refusal.value.field == field


def test_a_stored_chart_is_read_with_care() -> None:
    chart = Chart(kind=ChartKind.BAR, x="month", ys=("value",), aggregation=Aggregation.SUM)
    assert charting.parsed(chart.model_dump_json()) == chart
    assert charting.parsed("") == charting.parsed(None) == Chart()
    for broken in ("{", "[]", '{"kind": "pie"}', '{"made": "up"}'):
        with pytest.raises(Invalid):
            charting.parsed(broken)
    with pytest.raises(ValidationError):
        Chart(kind="pie")


def test_a_chart_is_proposed_that_suits_the_result() -> None:
    assert charting.proposed(DEALS.select(["month", "value"])) == Chart(
        kind=ChartKind.LINE, x="month", ys=("value",), aggregation=Aggregation.SUM
    )
    assert charting.proposed(pa.table({"owner": ["Ana", "Bob"], "n": [1, 2]})) == Chart(
        kind=ChartKind.BAR, x="owner", ys=("n",)
    )
    assert charting.proposed(pa.table({"n": [1]})) == Chart(kind=ChartKind.NUMBER, ys=("n",))
    assert charting.proposed(pa.table({"owner": ["Ana", "Bob"]})) == Chart()
    for table in (DEALS.select(["month", "value"]), DEALS.select(["month", "owner", "value"])):
        assert charting.points(charting.proposed(table), table).series
