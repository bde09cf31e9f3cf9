"""OpenDocument spreadsheets and Excel files of before 2007: what they show comes in, and hostile ones are refused."""

import pytest

from crm.foundation.errors import Invalid
from crm.foundation.tables.model import TableLimits
from tests.imports.conftest import cells, counts, reasons, rows
from tests.imports.spreadsheets import NOT_AVAILABLE, REF, cell, ods, row, xls


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        (cell("12,5 %", "percentage", "0.125"), "12.5%"),
        (cell("00123", "float", "123"), "00123"),
        (cell("01310-100", "float", "1310100"), "01310-100"),
        (cell("1.234", "float", "1234"), "1234"),
        (cell("5,51E+12", "float", "5511987654321"), "5511987654321"),
        (cell("0,33", "float", "0.3333333333333333"), "0.3333333333333333"),
        (cell("R$ 1.234,57", "currency", "1234.567"), "1234.567"),
        (cell("03/09/26", "date", "2026-09-03"), "2026-09-03"),
        (cell("03/09/26 10:00", "date", "2026-09-03T10:00:00"), "2026-09-03 10:00:00"),
        (cell("03:04:05", "time", "PT03H04M05S"), "03:04:05"),
        (cell("VERDADEIRO", "boolean", "true"), "true"),
        (cell('="00123"'), "00123"),
        (cell("#N/A", formula=True), "#N/A"),
        (cell("a</text:p><text:p>b"), "a\nb"),
    ],
)
def test_an_opendocument_cell_comes_as_it_is_shown_and_numbers_in_full(sheet, given, read_as):
    found = sheet(ods(row(cell("name"), cell("value")), row(cell("Ana"), given)))
    assert (found.header, cells(found)) == (["name", "value"], [("Ana", read_as)])
    assert (found.dialect.encoding, found.dialect.sheet) == ("ods", "People")


def test_titles_repetitions_and_errors_of_an_opendocument_sheet(sheet):
    found = sheet(
        ods(
            row(cell("Customers of May")),
            row(cell("name"), cell("city"), cell("plan")),
            row(cell("Ana"), cell("Recife", times=2), times=2),
            row(cell("Bob"), cell("#REF!", formula=True), cell("pro")),
            row(cell("", times=16_384), times=1_000_000),
        )
    )
    assert cells(found) == [("Ana", "Recife", "Recife")] * 2
    assert [(fault.line, fault.reason) for fault in found.faults] == [
        (5, "The row holds an error of the spreadsheet's: #REF!.")
    ]
    assert found.notices == ["The header was found on row 2; what stands above it is left out."]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (ods(row(cell("x", times=16_384), times=1_048_576)), "reaches to row 1,048,576 and column 16,384"),
        (ods(row(cell("x", times=501), times=2)), "501 columns; the limit is 500"),
        (ods(row(cell("name")), row(cell("x" * 30_000), times=400)), "would come to 11 MB of text"),
        (ods(row("<a>" * 2_000)), "opens more than 1,000 tags"),
        (ods(row(cell("&a;")), before='<!DOCTYPE x [<!ENTITY a "ha">]>'), "damaged"),
        (ods(), "is empty"),
        (ods(row(cell("name")), row(cell("x" * 90_000_000))), "times its size"),
    ],
)
def test_hostile_and_empty_opendocument_sheets_are_refused(sheet, content, said):
    with pytest.raises(Invalid, match=said):
        sheet(content, limits=TableLimits(text=10 * 2**20))


def test_an_old_excel_file_is_read_with_its_errors(sheet):
    found = sheet(xls(["name", "phone", "sum"], ["João", 5511987654321, 0.5], ["Bob", None, bytes([REF])]))
    assert cells(found) == [("João", "5511987654321", "0.5")]
    assert [(fault.line, fault.reason, fault.cells) for fault in found.faults] == [
        (3, "The row holds an error of the spreadsheet's: #REF!.", ["Bob", "", "#REF!"])
    ]
    assert (found.dialect.encoding, found.dialect.sheets) == ("xls", ("People",))
    assert cells(sheet(xls(["name", "sum"], ["Ana", bytes([NOT_AVAILABLE])], ["Bob", 1]))) == [
        ("Ana", ""),
        ("Bob", "1"),
    ]


def test_an_old_excel_file_of_too_much_text_is_refused(sheet):
    content = xls(["name", "note"], *[["Ana", "x" * 1_000]] * 20)
    with pytest.raises(Invalid, match="comes to 0 MB of text"):
        sheet(content, limits=TableLimits(text=10_000))


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_contacts_come_through_the_whole_import(store, team, bring, kind):
    content = {
        "ods": ods(
            row(cell("Nome"), cell("E-mail"), cell("Código")),
            row(cell("Ana"), cell("ana@x.com"), cell("007", "float", "7")),
            row(cell("Bob"), cell("nope"), cell("8", "float", "8")),
        ),
        "xls": xls(["Nome", "E-mail", "Código"], ["Ana", "ana@x.com", "007"], ["Bob", "nope", 8]),
    }[kind]
    done = bring(team.marta, "contacts", content)
    assert (counts(done), done.found["sheet"]) == ((1, 0, 0, 0, 1), "People")
    assert reasons(store, team.marta, done)[0][0] == 3
    assert rows(store, team.marta, "SELECT name, identifier FROM contacts") == [("Ana", "007")]
