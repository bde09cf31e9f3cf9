"""Excel files as people have them: sheets, titles above the table, dates, merged cells, errors; and hostile ones."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, time

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.foundation.errors import Invalid
from crm.foundation.tables.model import TableLimits
from crm.foundation.tables.read import read
from crm.imports import Options
from tests.imports.conftest import cells, counts, reasons, rows

Fill = Callable[[xlsxwriter.Workbook], None]


def workbook(fill: Fill) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    fill(book)
    book.close()
    return target.getvalue()


def table(*lines: list[object], at: int = 0, sheet: str = "People") -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet(sheet)
        for number, line in enumerate(lines):
            page.write_row(at + number, 0, line)

    return workbook(fill)


def test_numbers_come_out_in_full_and_texts_as_they_are(sheet):
    found = sheet(
        table(
            ["phone", "code", "sum", "share", "tiny", "ticked", "text"],
            [5511987654321, "0012", 1234567.891, 0.1, 0.0000001, True, "  João\nSilva "],
        )
    )
    assert cells(found) == [("5511987654321", "0012", "1234567.891", "0.1", "0.0000001", "true", "  João\nSilva ")]
    assert (found.dialect.encoding, found.dialect.sheet) == ("xlsx", "People")


def test_days_and_times_are_written_as_an_import_reads_them(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(0, 0, ["day", "moment", "time"])
        page.write_datetime(1, 0, date(2026, 12, 31), book.add_format({"num_format": "dd/mm/yyyy"}))
        page.write_number(1, 1, 46024 + (3 * 3600 + 4 * 60 + 5) / 86400, book.add_format({"num_format": "d/m/yy h:mm"}))
        page.write_datetime(1, 2, time(3, 4), book.add_format({"num_format": "hh:mm"}))

    assert cells(sheet(workbook(fill))) == [("2026-12-31", "2026-01-02 03:04:05", "03:04:00")]


def test_a_formula_is_the_value_it_was_saved_with_and_one_without_is_told(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(0, 0, ["name", "sum", "late"])
        page.write(1, 0, "Ana")
        page.write_formula(1, 1, "=40+2", None, 42)
        page.write_formula(1, 2, "=1+1", None, "")

    found = sheet(_without_values(workbook(fill)))
    assert cells(found)[0][:2] == ("Ana", "42")
    assert any("1 formula was saved without a value" in notice for notice in found.notices)


def _without_values(content: bytes) -> bytes:
    """The last formula as a program that does not compute saves it."""
    return _rewritten(content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f>"))


def _rewritten(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in source.infolist():
            text = source.read(entry)
            copy.writestr(entry, change(text) if entry.filename == part else text)
    return target.getvalue()


def test_the_header_is_found_below_a_title_and_lines_are_rows_of_the_sheet(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.merge_range("A1:C1", "Customers of 2026")
        page.write_row(3, 0, ["name", "email", "city"])
        page.write_row(4, 0, ["Ana", "ana@x.com", "Recife"])
        page.write_row(6, 0, ["Bob", "bob@x.com", "Porto"])

    found = sheet(workbook(fill))
    assert found.header == ["name", "email", "city"]
    assert found.rows["line"].to_list() == [5, 7]
    assert any("found on row 4" in notice for notice in found.notices)


def test_the_header_is_where_the_person_says(sheet):
    content = table(["Report", "of May"], ["name", "city"], ["Ana", "Porto"])
    assert sheet(content).header == ["Report", "of May"]
    assert sheet(content, header_line=2).header == ["name", "city"]
    with pytest.raises(Invalid, match="no row 9"):
        sheet(content, header_line=9)


def test_a_table_that_stands_away_from_the_corner_is_read_whole(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(2, 3, ["name", "city"])
        page.write_row(3, 3, ["Ana", "Porto"])
        page.merge_range("E5:E6", "Recife")
        page.write(4, 3, "Bob")
        page.write(5, 3, "Eva")

    found = sheet(workbook(fill))
    assert cells(found) == [("Ana", "Porto"), ("Bob", "Recife"), ("Eva", "Recife")]
    assert any("merged" in notice for notice in found.notices)


def test_the_first_sheet_that_is_shown_and_filled_is_read_unless_another_is_said(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("Empty")
        hidden = book.add_worksheet("Hidden")
        hidden.write_column(0, 0, ["name", "Nobody"])
        hidden.hide()
        book.add_worksheet("São Paulo & co").write_column(0, 0, ["name", "Ana"])

    content = workbook(fill)
    assert cells(sheet(content)) == [("Ana",)]
    assert sheet(content).dialect.sheets == ("Empty", "Hidden", "São Paulo & co")
    assert cells(sheet(content, sheet="Hidden")) == [("Nobody",)]
    with pytest.raises(Invalid, match="no sheet “Other”, only Empty, Hidden"):
        sheet(content, sheet="Other")


def test_a_row_with_an_error_of_excels_is_refused_with_it_and_not_read_as_empty(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(0, 0, ["name", "sum"])
        page.write_row(1, 0, ["Ana", 1])
        page.write(2, 0, "Bob")
        page.write_formula(2, 1, "=1/0", None, "#DIV/0!")

    found = sheet(workbook(fill))
    assert cells(found) == [("Ana", "1")]
    assert [(fault.line, fault.reason, fault.cells) for fault in found.faults] == [
        (3, "The row holds an error of the spreadsheet's: #DIV/0!.", ["Bob", "#DIV/0!"])
    ]


def _as_xml(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return _rewritten(content, "xl/worksheets/sheet1.xml", change)


def test_cells_are_read_whatever_the_order_of_their_attributes(sheet):
    inline = b'<c t="inlineStr" r="A1"><is><t>name</t></is></c><c t="inlineStr" r="B1"><is><t>sum</t></is></c>'
    rows = (
        b'<row r="1">'
        + inline
        + b'</row><row r="2"><c t="inlineStr" r="A2"><is><t>Ana</t></is></c><c r="B2"><v>1</v></c>'
        b'</row><row r="3"><c t="inlineStr" r="A3"><is><t>Bob</t></is></c><c t="e" r="B3"><v>#REF!</v></c></row>'
    )
    found = sheet(_as_xml(table(["x"]), lambda xml: _with_rows(xml, rows)))
    assert (found.header, cells(found)) == (["name", "sum"], [("Ana", "1")])
    assert [(fault.line, fault.reason) for fault in found.faults] == [
        (3, "The row holds an error of the spreadsheet's: #REF!.")
    ]


def _with_rows(xml: bytes, rows: bytes) -> bytes:
    before, _, rest = xml.partition(b"<sheetData>")
    return before + b"<sheetData>" + rows + b"</sheetData>" + rest.partition(b"</sheetData>")[2]


def test_two_cells_far_apart_are_found_whatever_the_order_of_their_attributes(sheet):
    rows = b'<row r="1"><c t="n" r="A1"><v>1</v></c></row><row r="1048576"><c t="n" r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(Invalid, match="reaches to row 1,048,576 and column 16,384"):
        sheet(_as_xml(table(["x"]), lambda xml: _with_rows(xml, rows)))


def test_cells_without_a_reference_are_read(sheet):
    rows = b"<row><c t='inlineStr'><is><t>name</t></is></c></row><row><c t='inlineStr'><is><t>Ana</t></is></c></row>"
    assert cells(sheet(_as_xml(table(["x"]), lambda xml: _with_rows(xml, rows)))) == [("Ana",)]


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("0%", 0.125, "12.5%"),
        ("0.00%", 0.07, "7%"),
        ("0.0 %;[Red]-0.0 %", 1 / 3, "33.3333333%"),
        ("00000", 123, "00123"),
        ("00000", 1234567, "1234567"),
        ("00000;-00000", 7, "00007"),
        (r"00000\-000", 1310100, "01310-100"),
        (r"000\.000\.000\-00", 1234567890, "012.345.678-90"),
        ('"C-"0000', 12, "C-0012"),
        ("(00) 00000-0000", 11987654321, "(11) 98765-4321"),
        ("###-####", 5550184, "555-0184"),
        ("0", 12.5, "12.5"),
        ("#,##0.00", 1234.5, "1234.5"),
        ('"R$" #,##0.00', 1234.567, "1234.567"),
        ("0.00E+00", 5511987654321, "5511987654321"),
        ("[<=9999999]###-####;(###) ###-####", 5550184, "5550184"),
        ("# ?/?", 0.5, "0.5"),
        ("@", 5, "5"),
    ],
)
def test_what_a_format_adds_to_a_number_comes_in_and_what_it_shortens_comes_in_full(sheet, code, number, shown):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(2, 2, ["name", "number"])
        page.write(3, 2, "Ana")
        page.write_number(3, 3, number, book.add_format({"num_format": code}))
        page.write_row(4, 2, ["Bob", 2])

    assert cells(sheet(workbook(fill))) == [("Ana", shown), ("Bob", "2")]


def test_codes_that_are_wrapped_as_formulas_come_as_texts_with_and_without_their_value(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(0, 0, ["name", "text", "value", "bare"])
        page.write(1, 0, "Ana")
        page.write_string(1, 1, '="00123"')
        page.write_formula(1, 2, '="00123"', None, "00123")
        page.write_formula(1, 3, '="00123"', None, "")

    bare = lambda xml: xml.replace(b'<f>"00123"</f><v></v>', b'<f>"00123"</f>')  # noqa: E731
    found = sheet(_as_xml(workbook(fill), bare))
    assert (cells(found), found.notices) == ([("Ana", "00123", "00123", "00123")], [])


def test_long_numbers_keep_the_digits_that_the_file_has_and_are_told(sheet):
    content = _as_xml(
        table(["name", "code"], ["Ana", 77]), lambda xml: xml.replace(b"<v>77</v>", b"<v>1234567890123456789</v>")
    )
    found = sheet(content)
    assert cells(found) == [("Ana", "1234567890123456789")]
    assert found.notices[0].startswith("1 number has more than 15 digits, of which Excel keeps 15.")


def test_what_is_not_available_is_a_word_and_not_an_error(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(0, 0, ["name", "city"])
        page.write(1, 0, "Ana")
        page.write_formula(1, 1, "=NA()", None, "#N/A")

    assert cells(sheet(workbook(fill))) == [("Ana", "#N/A")]


def test_contacts_come_from_excel_through_the_whole_import(store, team, bring):
    content = table(
        ["Nome", "E-mail", "Telefone", "Empresa"],
        ["Ana Souza", "ana@x.com", 5511987654321, "Aurora"],
        ["=1+1", "formula@x.com", "", ""],
        ["'quoted", "quoted@x.com", "", ""],
        ["Bob", "nope", "", ""],
    )
    done = bring(team.marta, "contacts", content, make_companies=True)
    assert counts(done) == (3, 0, 0, 0, 1)
    assert done.found["sheet"] == "People"
    assert reasons(store, team.marta, done)[0][0] == 5
    found = rows(store, team.marta, "SELECT name, phone FROM contacts ORDER BY id")
    assert found[0] == ("Ana Souza", "+5511987654321")
    assert found[2][0] == "'quoted"


def test_a_text_that_looks_like_a_formula_comes_as_it_stands(store, team, bring):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        for number, text in enumerate(["name", "=1+1", "'=1+1", "@home", "-x"]):
            page.write_string(number, 0, text)

    bring(team.marta, "contacts", workbook(fill))
    found = rows(store, team.marta, "SELECT name FROM contacts ORDER BY id")
    assert found == [("=1+1",), ("'=1+1",), ("@home",), ("-x",)]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="_"), min_size=1, max_size=12
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), min_size=1, max_size=8))
def test_texts_come_out_of_a_workbook_as_they_went_in(tmp_path_factory, lines):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        for number, line in enumerate([["first", "second"], *lines]):
            for place, text in enumerate(line):
                page.write_string(number, place, text)

    path = tmp_path_factory.mktemp("book") / "file"
    path.write_bytes(workbook(fill))
    found = read(path, Options(header_line=1))
    assert [list(line) for line in cells(found)] == [line for line in lines if any(cell.strip() for cell in line)]


# Hostile


def test_two_cells_far_apart_are_refused_before_they_fill_the_memory(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(0, 0, ["name", "city"])
        page.write(1_048_575, 16_383, "far away")

    with pytest.raises(Invalid, match="reaches to row 1,048,576 and column 16,384"):
        sheet(workbook(fill))


@pytest.mark.parametrize(
    "disguise",
    [
        lambda xml: xml.replace(b' r="', b"\tr = '").replace(b'" ', b"' "),
        lambda xml: xml.replace(b'<c r="XFD1048576"', b'<c s="0" r="XFD1048576"'),
    ],
)
def test_they_are_found_under_any_way_of_writing_xml(sheet, disguise):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write(0, 0, "name")
        page.write(1_048_575, 16_383, 1)

    content = _rewritten(workbook(fill), "xl/worksheets/sheet1.xml", disguise)
    with pytest.raises(Invalid):
        sheet(content)


def test_a_workbook_that_declares_entities_is_refused(sheet):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    content = _rewritten(
        table(["name"], ["Ana"]),
        "xl/workbook.xml",
        lambda xml: bomb + xml.split(b"?>", 1)[1].replace(b"People", b"&b;"),
    )
    with pytest.raises(Invalid, match="damaged"):
        sheet(content)


def test_one_that_unpacks_without_end_is_refused(sheet):
    content = bytearray(table(["name"], ["Ana"]))
    declared = content.rindex(b"PK\x01\x02") + 24  # in the archive's index: the size of its last part, unpacked
    content[declared : declared + 4] = (2**32 - 16).to_bytes(4, "little")
    with pytest.raises(Invalid, match=r"unpacks to 4\.0 GB; the limit is 4\.0 GB"):
        sheet(bytes(content))


def test_a_long_text_that_many_cells_show_is_counted_in_each_of_them(sheet):
    content = table(["name", "notes"], *[["Ana", "x" * 32_000]] * 200)
    assert len(content) < 10_000
    with pytest.raises(Invalid, match="The sheet “People” would come to 6 MB of text; the limit is 5 MB"):
        sheet(content, limits=TableLimits(text=5 * 2**20))
    assert sheet(content, limits=TableLimits(text=7 * 2**20)).rows.height == 200


def test_long_texts_that_few_cells_show_are_no_reason_to_refuse_a_sheet(sheet):
    content = table(["name", "notes"], ["Ana", "x" * 32_000], *[["Bob", "short"]] * 2_000)
    assert sheet(content, limits=TableLimits(text=2**20)).rows.height == 2_001


def test_a_text_that_is_merged_over_many_rows_is_counted_in_each_of_them(sheet):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(0, 0, ["name", "notes"])
        page.merge_range(1, 1, 1_000, 1, "x" * 32_000)
        page.write_column(1, 0, ["Ana"] * 1_000)

    content = workbook(fill)
    with pytest.raises(Invalid, match="merged cells would come to 1,000 cells and 31 MB of text"):
        sheet(content, limits=TableLimits(text=5 * 2**20))
    assert sheet(content).rows.height == 1_000


def test_what_unpacks_to_far_more_than_its_size_is_refused(sheet):
    content = _with_part(table(["name"], ["Ana"]), "xl/media/image1.bin", bytes(80 * 2**20))
    with pytest.raises(Invalid, match=r"unpacks to 80 MB, 9\d\d times its size"):
        sheet(content)
    with pytest.raises(Invalid, match="unpacks to 80 MB; the limit is 10 MB"):
        sheet(content, limits=TableLimits(unpacked=10 * 2**20))


def test_one_of_very_many_parts_is_refused(sheet):
    target = io.BytesIO(table(["name"], ["Ana"]))
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(10_001):
            archive.writestr(f"xl/media/{number}", b"")
    with pytest.raises(Invalid, match=r"made of 10,0\d\d parts; the limit is 10,000"):
        sheet(target.getvalue())


def test_a_sheet_of_16384_columns_is_refused_before_it_is_loaded(sheet, monkeypatch):
    from crm.foundation.tables import workbook as reader

    monkeypatch.setattr(reader, "_load", None)
    with pytest.raises(Invalid, match="The sheet “People” has 16,384 columns; the limit is 500"):
        sheet(table(["header"] * 16_384, ["x"] * 16_384))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_xml_of_many_tags_within_each_other_is_refused(sheet, part):
    content = _rewritten(
        table(["name"], ["Ana"]), part, lambda xml: xml.rpartition(b"</")[0] + b"<a>" * 1_000_000 + b"</"
    )
    with pytest.raises(Invalid, match="opens more than 1,000 tags"):
        sheet(content)


def _with_part(content: bytes, name: str, part: bytes) -> bytes:
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return target.getvalue()


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_half_a_workbook_is_said_to_be_damaged(sheet, cut):
    content = table(["name"], *[[f"Person {number}"] for number in range(200)])
    with pytest.raises(Invalid):
        sheet(content[: int(len(content) * cut)])


def test_a_sheet_that_is_damaged_inside_is_said_to_be(sheet):
    content = _rewritten(table(["name"], ["Ana"]), "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    with pytest.raises(Invalid):
        sheet(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"old Excel file \(\.xls\), or one with a password"),
        (b"PAR1" + bytes(64), "a Parquet file"),
        (b"%PDF-1.7\n" + bytes(64), r"a file of the kind \.pdf"),
        (b"\x1f\x8b\x08" + bytes(64), "a gzip archive"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), r"\.png, not a table"),
    ],
)
def test_what_is_no_table_is_named(sheet, content, said):
    with pytest.raises(Invalid, match=said):
        sheet(content)


def test_a_zip_of_something_else_is_named(sheet):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("people.csv", "name\nAna\n")
    with pytest.raises(Invalid, match="a ZIP archive"):
        sheet(target.getvalue())


@pytest.mark.parametrize("fill", [lambda book: book.add_worksheet(), lambda book: book.add_chartsheet()])
def test_a_workbook_without_a_table_says_so(sheet, fill):
    with pytest.raises(Invalid, match="empty"):
        sheet(workbook(fill))


def test_a_date_column_of_excel_needs_no_question(store, team, bring, pipeline):
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Title", "Created"])
        page.write(1, 0, "Parts")
        page.write_datetime(1, 1, date(2026, 4, 3), book.add_format({"num_format": "dd/mm/yyyy"}))

    done = bring(team.marta, "deals", workbook(fill))
    assert counts(done) == (1, 0, 0, 0, 0)
    found = rows(
        store, team.marta, "SELECT CAST(created_at AT TIME ZONE 'America/Sao_Paulo' AS DATE) AS day FROM deals"
    )
    assert found == [(date(2026, 4, 3),)]
