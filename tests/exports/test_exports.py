"""Lists as files that a spreadsheet can open without running anything, and that an import reads back as they were."""

import csv
import io
import re
import unicodedata
import zipfile
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm import companies, contacts, deals, exports, pipelines
from crm.contacts import ListQuery
from crm.exports.csv_cells import as_text
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff
from crm.imports.reading.rejects import table_of
from crm.platform import workspace
from crm.platform.spreadsheets import defused, restored
from crm.records import attributes
from crm.records.filters import Rule
from crm.store import Store
from tests.people import Team

RISKY = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1+1", "''@x", "x;=1", "x\n\u200b＝1", "x;''=1"]


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_cells_that_a_spreadsheet_would_run_are_defused_and_come_back(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        for cell in RISKY:
            contacts.create(tx, name=f"n{cell}", identifier=f"'{cell}" if cell[0] in "\t" else cell)
        rows = rows_of(exports.export(tx, "contacts", "csv", ListQuery(sort="created_at")))
    cells = [row["Identifier"] for row in rows]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    with store.reading(team.marta) as tx:
        kept = [row["identifier"] for row in tx.rows("SELECT identifier FROM contacts ORDER BY created_at, id")]
    assert [restored(cell) for cell in cells] == kept


SIGNS = "='+-@\t\r\n;|, \"ax＝＋－＠\u200b\ufeff\u202e\xa0\u2028\x85"
NASTY = some.text(some.sampled_from(SIGNS), max_size=8) | some.text(max_size=12)
RUN = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def would_run(piece: str) -> bool:
    """Whether a spreadsheet that makes a cell of this reads a formula: what it does not show stands before it. A sign
    that Unicode has not given away, or left to others, is shown: as a box."""
    boxes = ("Cn", "Co")
    shown = [sign for sign in piece if sign.isprintable() or sign in RUN or unicodedata.category(sign) in boxes]
    seen = [sign for sign in shown if sign != '"' and not sign.isspace()]
    return bool(seen) and seen[0] in RUN


@given(NASTY)
def test_what_was_defused_is_restored_exactly(cell: str) -> None:
    assert restored(defused(cell)) == cell
    assert not defused(cell).startswith((*RUN, "\t", "\r", "\n"))


@given(some.lists(some.lists(NASTY, min_size=3, max_size=3), min_size=1, max_size=3), some.sampled_from(";|\t\n\r"))
def test_a_file_runs_nothing_whatever_sign_a_spreadsheet_splits_it_at(rows: list[list[str]], sign: str) -> None:
    text = table_of(["a", "b", "c"], rows).decode("utf-8-sig")
    pieces = [piece for line in text.split("\r\n") for piece in re.split(f"[{sign}\r\n]", line)]
    assert not any(would_run(piece) for piece in pieces)
    assert [[restored(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))][1:] == rows


@settings(deadline=None)  # the first column wakes a library up
@given(some.lists(NASTY | some.none(), min_size=1, max_size=20))
def test_a_column_is_defused_as_its_cells_are(cells: list[str | None]) -> None:
    rows = as_text(pa.table({"=Name": pa.chunked_array([pa.array(cells, pa.string())])}))
    assert rows.schema.names == ["'=Name"]
    assert rows.column(0).to_pylist() == [cell if cell is None else defused(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("x;=cmd|'/C calc'!A0;y", "x;'=cmd|'/C calc'!A0;y"),
        ("\n=1+1", "'\n'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("\u200b=1", "\u200b'=1"),
        ("\ufeff@x", "\ufeff'@x"),
        ("a|\xa0\u202e+1", "a|\xa0\u202e'+1"),
        ('a;"=1"', 'a;"\'=1"'),
        ("a=1, b-2", "a=1, b-2"),
    ],
)
def test_a_formula_within_a_cell_is_defused_where_it_would_begin(cell: str, shown: str) -> None:
    assert defused(cell) == shown


def test_a_cell_of_excel_is_a_text_whatever_it_holds(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="=1+1", type="text")
        for city in ("=1+1", "https://example.com", "x;=1", "＝1", "mailto:ana@example.com"):
            contacts.create(tx, name="Ana", city=city)
        book = zipfile.ZipFile(io.BytesIO(exports.export(tx, "contacts", "xlsx", ListQuery())))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "https://example.com" in sheet
    assert not re.search("<f[ >]|<hyperlink", sheet)


def test_an_export_holds_the_whole_list_as_it_is_narrowed_and_sorted(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        company = companies.create(tx, name="Aurora, Ltda")
        made = contacts.create(
            tx, name='Ana "A" Souza', email="ana@example.com", city="São Paulo", company_id=company.id
        )
        contacts.set_labels(tx, made.id, ["VIP", "Partner"])
        contacts.create(tx, name="Bruno", city="São José")
        contacts.create(tx, name="Carla", city="Recife")
        asked = ListQuery(Rule(field="city", op="starts_with", value="são"), sort="-name", limit=1)
        rows = rows_of(exports.export(tx, "contacts", "csv", asked))
    assert [row["Name"] for row in rows] == ["Bruno", 'Ana "A" Souza']
    assert rows[1]["Company"] == "Aurora, Ltda"
    assert rows[1]["Labels"] == "Partner; VIP"


def test_times_are_on_the_workspaces_clock(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, time_zone="Asia/Tokyo")
    with store.writing(team.ada) as tx:
        contacts.create(tx, name="Ana")
        shown = rows_of(exports.export(tx, "contacts", "csv", ListQuery()))[0]["Created at"]
        there = tx.value("SELECT strftime(created_at AT TIME ZONE 'Asia/Tokyo', '%Y-%m-%d %H:%M:%S') FROM contacts")
    assert shown == there


def test_parquet_keeps_types_and_values_as_they_are(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name='Odd "name"', type="currency")
        contacts.create(tx, name="=1+1", attributes={"odd_name": "12.5"})
        frame = pl.read_parquet(io.BytesIO(exports.export(tx, "contacts", "parquet", ListQuery())))
    assert frame["Name"].to_list() == ["=1+1"]
    assert frame['Odd "name"'].to_list() == [Decimal("12.5000")]
    assert frame.schema["Blocked"] == pl.Boolean
    assert frame.schema["Created at"] == pl.Datetime("ms", "America/Sao_Paulo")


def test_excel_holds_texts_as_texts_and_no_formula(store: Store, team: Team, tmp_path: Path) -> None:
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="=1+1", phone="+5511987654321", identifier="https://example.com")
        (tmp_path / "x.xlsx").write_bytes(exports.export(tx, "contacts", "xlsx", ListQuery()))
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        sheet, styles = (book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles"))
    assert "=1+1" in sheet
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert 'quotePrefix="1"' in styles


def test_companies_and_deals_are_exported_too(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        companies.create(tx, name="Aurora", domain="aurora.example")
        pipeline = pipelines.create(tx, "Sales", stages=["New", "Won", "Lost"])
        deals.create(tx, title="First", pipeline_id=pipeline.id, value="12.50", currency="USD")
        (company,) = rows_of(exports.export(tx, "companies", "csv", ListQuery(sort="name")))
        (deal,) = rows_of(exports.export(tx, "deals", "csv", ListQuery()))
    assert company["Domain"] == "aurora.example"
    assert (deal["Title"], Decimal(deal["Value"]), deal["Currency"], deal["Stage"]) == (
        "First",
        Decimal("12.5"),
        "USD",
        "New",
    )


def test_only_those_who_may_export_do(store: Store, team: Team) -> None:
    with pytest.raises(Forbidden), store.reading(team.vera) as tx:
        exports.export(tx, "contacts", "csv", ListQuery())
    with store.reading(team.rui) as tx:
        assert rows_of(exports.export(tx, "contacts", "csv", ListQuery())) == []


def test_a_list_whose_module_is_off_is_not_exported(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    with pytest.raises(ModuleOff), store.reading(team.ada) as tx:
        exports.export(tx, "deals", "csv", ListQuery())


@pytest.mark.parametrize(("kind", "format"), [("users", "csv"), ("contacts", "pdf")])
def test_there_is_no_other_export(store: Store, team: Team, kind: str, format: str) -> None:
    with pytest.raises(Invalid), store.reading(team.ada) as tx:
        exports.export(tx, kind, format, ListQuery())
