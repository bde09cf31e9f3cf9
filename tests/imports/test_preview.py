"""What is said about a file before anything is decided."""

import polars as pl
import pytest

from crm import imports
from crm.foundation.tables.read import read
from crm.imports import Options
from crm.imports.mapping.proposal import proposed_type
from crm.records import attributes
from tests.imports.test_xlsx import table


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["yes", "no", "", "yes"], "checkbox"),
        (["Sim", "Não"], "checkbox"),
        (["https://a.example.com", "http://b.example.com/x"], "link"),
        (["31/12/2026", "01/02/2027"], "date"),
        (["2026-12-31 10:00", "2027-01-01"], "date"),
        (["12", "1.234,56", "-3"], "number"),
        (["1,234", "5,678"], "number"),
        (["12%", "7,5 %"], "percent"),
        (["R$ 1.200,00", "R$ 80,00"], "currency"),
        (["pro", "basic"] * 6, "list"),
        (["pro", "basic"], "text"),
        (["0012", "0345"], "text"),
        (["+5511987654321", "+5511987654322"], "text"),
        (["123456789012345", "1"], "text"),
        (["20261231", "20270101"], "number"),
        (["12", "a dozen"], "text"),
        (["x" * 60] * 9, "text"),
        (["", " "], "text"),
        ([], "text"),
    ],
)
def test_the_type_of_an_attribute_is_proposed_by_the_cells(cells, kind):
    assert proposed_type(pl.Series(cells, dtype=pl.String)) == kind


@pytest.fixture
def look(store, team, tmp_path):
    def of(content: str, kind: str = "contacts", **options: object) -> imports.Preview:
        path = tmp_path / "file"
        path.write_text(content, encoding="utf-8", newline="")
        with store.reading(team.ada) as tx:
            return imports.preview(tx, read(path, Options(**options)), kind, Options(**options))

    return of


def test_the_dates_and_the_decimal_mark_that_were_found_are_said(look):
    found = look('title,value,created\nA,"1.234,50",31/12/2025\n', "deals")
    assert (found.decimal, found.dates, found.questions) == (",", {"created": "%d/%m/%Y"}, {})


def test_what_can_be_read_in_two_ways_is_a_question_until_it_is_answered(look):
    content = 'title,value,created\nA,"1,234",03/04/2025\n'
    found = look(content, "deals")
    assert set(found.questions) == {"value", "created"}
    answered = look(content, "deals", decimal=",", date_patterns={"created": "%m/%d/%Y"})
    assert (answered.questions, answered.decimal) == ({}, ",")


def test_a_number_of_a_workbook_is_no_question(store, team, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(table(["title", "value"], ["A", 1.234]))
    with store.reading(team.ada) as tx:
        found = imports.preview(tx, read(path, Options()), "deals", Options())
    assert (found.questions, found.decimal) == ({}, ".")


def test_dates_of_an_attribute_that_is_to_be_made_are_looked_at_too(look):
    found = look("name,since\nAna,31/12/2025\n", mapping={"since": "attribute:since"}, new_attributes={"since": "date"})
    assert found.dates == {"attribute:since": "%d/%m/%Y"}


def test_a_mapping_that_cannot_be_says_why_and_the_columns_are_shown_all_the_same(look):
    found = look("name,city\nAna,Porto\n", mapping={"name": "name", "city": "name"})
    assert "both mapped" in found.fault
    assert found.columns == {"name": "name", "city": "city"}


def test_two_headers_of_the_same_words_are_told_apart(look):
    found = look("E-mail,e_mail\na@x.com,b@x.com\n", mapping={"E-mail": "", "e_mail": "email"})
    assert found.columns == {"E-mail": "", "e_mail": "email"}


def test_a_column_finds_its_attribute_by_key_or_name(store, team, look):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Shoe size", type="number")
    found = look("name,shoe_size\nAna,38\n")
    assert found.columns == {"name": "name", "shoe_size": "attribute:shoe_size"}
    assert found.decimal == "."


def test_samples_are_the_first_different_filled_cells(look):
    found = look("name,plan\nA,\nB,pro\nC,pro\nD,basic\nE,x\nF,y\n")
    assert found.samples["plan"] == ["pro", "basic", "x"]
    assert found.rows[0] == ["A", ""]


def test_rows_that_cannot_be_read_are_counted(look):
    assert look("name,city\nAna\nBob,Porto\n").faults == 1
