"""Dashboards on paper: what stands on it, for whom, and that nothing is lost silently."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from crm.dashboards import printing, saved
from crm.dashboards.content import Chart, Column, Content, Metric, Series, Table
from crm.dashboards.model import OVERVIEW, Tile
from crm.dashboards.printing import PrintedTile, Printout
from crm.dashboards.tiles import TYPES, Width
from crm.foundation.errors import Invalid, NotFound
from crm.pipelines import Pipeline
from crm.platform.people import users
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team

PAPER = Printout(
    name="My week",
    workspace_name="Mallard",
    reader="Ana",
    locale="en",
    day=date(2026, 11, 30),
    filters=(("Period", "this month"),),
    tiles=(),
)


def text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def paper(*contents: Content) -> str:
    tiles = tuple(PrintedTile(f"Tile {place}", "What it means.", each) for place, each in enumerate(contents))
    return text(printing.printed(replace(PAPER, tiles=tiles)))


def chart(shape: str, *values: float | None) -> Chart:
    series = Series(
        name="Won",
        tone="green",
        values=values,
        texts=tuple(f"<{value}>" for value in values),
        lows=(0.0,) * len(values) if shape == "line" else (),
        highs=(1.0,) * len(values) if shape == "line" else (),
    )
    labels = tuple(f"L{place}" for place in range(len(values)))
    return Chart.model_validate(
        {
            "shape": shape,
            "labels": labels,
            "series": (series,),
            "unit": "share" if shape == "line" else "money",
            "alt": "",
        }
    )


def test_the_overview_is_printed_with_figures_tables_and_definitions(store: Store, team: Team, sales: Pipeline) -> None:
    with store.reading(team.marta) as tx:
        made = printing.of_dashboard(tx, None, {"owner": str(team.ids.bob), "pipeline": str(sales.id)})
    printed = printing.printed(made)
    found = text(printed)
    assert "Sales overview" in found
    assert "of what Marta may see" in found
    assert "Owner Bob" in found
    assert "Pipeline Sales" in found
    assert "R$16K" in found  # Bob's open pipeline
    for tile in OVERVIEW:
        assert TYPES[tile.kind].title in found
        assert " ".join(TYPES[tile.kind].about.split()) in found
    many = len(PdfReader(BytesIO(printed)).pages)
    assert f"page 1 of {many}" in found
    assert f"page {many} of {many}" in found


def test_each_reader_gets_their_own_figures_and_a_private_dashboard_is_not_found(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.marta) as tx:
        made = saved.create(
            tx,
            name="Marta’s",
            tiles=(Tile(kind="open_pipeline", width=Width.HALF, title="What is open"),),
            filters={"period": "this-month"},
            shared=True,
        )
    owner_privacy(store, team)
    for reader, amount in ((team.bob, "R$16K"), (team.marta, "R$23K"), (team.vera, "R$0")):
        with store.reading(reader) as tx:
            found = text(printing.printed(printing.of_dashboard(tx, made.id, {})))
        assert "What is open" in found
        assert amount in found
    with store.writing(team.marta) as tx:
        saved.edit(tx, made.id, shared=False)
    with store.reading(team.bob) as tx, pytest.raises(NotFound):
        printing.of_dashboard(tx, made.id, {})
    with store.reading(team.marta) as tx, pytest.raises(Invalid):
        printing.of_dashboard(tx, made.id, {"period": "soon"})


def test_it_is_in_the_readers_language(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        users.choose_language(tx, "pt_BR")
    with store.reading(team.ana) as tx:
        made = printing.of_dashboard(tx, None, {})
    found = text(printing.printed(made))
    assert "página 1 de" in found
    assert "Sales overview" not in found


def test_rows_that_do_not_fit_are_counted() -> None:
    rows = tuple((f"Row {number}.", str(number)) for number in range(20))
    table = Table(columns=(Column(name="Name"), Column(name="Deals", right=True)), rows=rows, more=100)
    found = paper(Content(table=table))
    assert "Row 14." in found
    assert "Row 15." not in found
    assert "… 105 more rows" in found
    wide = Table(columns=tuple(Column(name=f"C{place}") for place in range(12)), rows=(("x",) * 12,))
    assert "… 3 more columns" in paper(Content(table=wide))


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        ("columns", (3.0, None, -2.0)),
        ("rows", (3.0, None, -2.0)),
        ("line", (0.5, None, 0.25)),
        ("waterfall", (1000.0, 20.0, -30.0, 990.0)),
        ("waterfall", (0.0, 0.0)),
        ("columns", (0.0,)),
        ("line", (None, None)),
        ("rows", ()),
        ("columns", ()),
    ],
)
def test_charts_are_drawn_whatever_their_values(shape: str, values: tuple[float | None, ...]) -> None:
    found = paper(Content(chart=chart(shape, *values)))
    assert "What it means." in found
    for place in range(len(values)):
        assert f"L{place}" in found
    if shape in ("rows", "waterfall"):
        assert all(f"<{value}>" in found for value in values)


def test_any_script_is_printed_and_what_no_font_has_is_said() -> None:
    content = Content(
        metrics=(Metric(text="7", amount=7, unit="count", note="Ελένη, Юрий, 田中, دينا", progress=1.4),),
        notes=("\U000e0fff",),
        empty="a" * 900,
    )
    found = paper(content)
    for written in ("Ελένη", "Юрий", "田中"):
        assert written in found
    assert "“?”" not in paper(Content(notes=("plain",)))
    lacking = paper(Content(notes=("\u2fff0 \U0001fae9 \U000110d0",)))
    assert "“?” stands for characters that cannot be printed here." in lacking


@pytest.mark.parametrize(
    ("name", "expected"), [("Vendas à vista / São Paulo", "vendas-a-vista-sao-paulo"), ('田中"\r\n', "dashboard")]
)
def test_the_file_is_named_in_plain_letters(name: str, expected: str) -> None:
    assert printing.file_name(replace(PAPER, name=name)) == f"{expected}-2026-11-30.pdf"
