"""The drawing of a query's result: its marks, its texts as texts, and what it leaves out."""

from decimal import Decimal

import pyarrow as pa
import pytest

from crm.ui.reports.charts import Palette
from crm.ui.workbench import chart as drawing
from crm.workbench import charting
from crm.workbench.charting import Aggregation, Chart, ChartKind, Points

COLOURS = Palette(*(f"#00000{place}" for place in range(8)))
TABLE = pa.table({"of": ["<b>Ana</b>", "2026"], "n": [1, 2], "m": [3, 4]})


@pytest.mark.parametrize("kind", [ChartKind.BAR, ChartKind.LINE, ChartKind.AREA, ChartKind.SCATTER])
def test_each_kind_draws_each_column_and_no_markup(kind: ChartKind) -> None:
    chart = Chart(kind=kind, x="of", ys=("n", "m"))
    figure = drawing.plotted(chart, charting.points(chart, TABLE), COLOURS, ["#111111"], "en")
    assert [list(each.y) for each in figure.data] == [[1, 2], [3, 4]]
    assert list(figure.data[0].x) == ["&lt;b&gt;Ana&lt;/b&gt;", "2026"]
    assert figure.layout.xaxis.type == "category"
    assert figure.data[0].type == ("bar" if kind is ChartKind.BAR else "scatter")


def test_values_of_a_colour_are_stacked_and_columns_stand_side_by_side() -> None:
    for chart, mode in (
        (Chart(kind=ChartKind.BAR, x="of", ys=("n", "m")), "group"),
        (Chart(kind=ChartKind.BAR, x="of", colour="of", aggregation=Aggregation.COUNT), "relative"),
    ):
        figure = drawing.plotted(chart, charting.points(chart, TABLE), COLOURS, ["#111111"], "en")
        assert figure.layout.barmode == mode


def test_what_is_left_out_is_said() -> None:
    assert drawing.left_out(Points((), "text")) == ""
    said = drawing.left_out(Points((), "text", 1, 1_200))
    assert said == "1 smaller series is not drawn. 1,200 points are not drawn."


def test_a_number_is_read_with_the_signs_of_its_reader() -> None:
    assert drawing.number(Decimal("1234567.5"), "pt_BR") == "1.234.567,5"
    assert drawing.number(0.1 + 0.2, "en") == "0.3"
    assert drawing.number(None, "en") == drawing.number(float("nan"), "en") == "–"
