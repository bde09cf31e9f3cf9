"""Files as people have them: every encoding, delimiter and kind of damage, and no row that vanishes."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.foundation.errors import Invalid
from crm.foundation.tables import encoding as encodings
from crm.foundation.tables import read as reading
from crm.foundation.tables.dialect import Dialect
from crm.foundation.tables.read import Sheet, read
from crm.imports import Options
from tests.imports.conftest import cells

PORTUGUESE = "nome;cidade\nJoão da Conceição;São Paulo\nÉrica Müller;Maceió\n"


def lines(found: Sheet) -> list[int]:
    return found.rows["line"].to_list()


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("cp850", "cp850"),
        ("mac-roman", "mac-roman"),
    ],
)
def test_portuguese_is_read_in_every_encoding_it_comes_in(sheet, codec, named):
    found = sheet(PORTUGUESE.encode(codec))
    assert cells(found) == [("João da Conceição", "São Paulo"), ("Érica Müller", "Maceió")]
    assert found.dialect.encoding == named
    assert found.header == ["nome", "cidade"]


@pytest.mark.parametrize("word", ["São Paulo", "Hélène", "Érica", "AÇÃO", "Zürich"])
def test_one_accented_word_is_enough_to_tell_what_windows_wrote(sheet, word):
    assert cells(sheet(f"name;city\nAna;{word}\n".encode("cp1252"))) == [("Ana", word)]


def test_a_broken_byte_in_utf_8_is_named_with_its_line(sheet):
    with pytest.raises(Invalid, match=r"byte 0xE3 at position 55, on line 4"):
        sheet(_damaged())


def _damaged() -> bytes:
    before = "nome;cidade\nJoão;São Paulo\nZoë;Belém\n".encode()
    return before + b"x" * (55 - len(before)) + b"\xe3;y\n"


def test_a_file_that_is_said_to_be_utf_8_and_is_not_is_refused(sheet):
    with pytest.raises(Invalid, match=r"not UTF-8: byte 0xE3 .* on line 2"):
        sheet(PORTUGUESE.encode("cp1252"), encoding="utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(sheet, delimiter):
    found = sheet(f"name{delimiter}city\nAna{delimiter}Recife\nBob{delimiter}Porto\n".encode())
    assert cells(found) == [("Ana", "Recife"), ("Bob", "Porto")]
    assert found.dialect.delimiter == delimiter


def test_excels_own_first_line_says_the_delimiter(sheet):
    found = sheet(b"sep=;\nname;city\nAna;Recife, PE\n")
    assert (found.header, cells(found), lines(found)) == (["name", "city"], [("Ana", "Recife, PE")], [3])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_header_is_on_the_line_that_the_person_says(sheet, end):
    found = sheet(end.join(["Report of May;", "", "name;city", "Ana;Recife"]).encode(), header_line=3)
    assert (found.header, cells(found), lines(found)) == (["name", "city"], [("Ana", "Recife")], [4])


def test_everything_at_once_loses_no_row(sheet):
    """A mark, sep=, CR LF, semicolons, a quoted line break, a NUL, ragged rows, a header twice, one megabyte."""
    content = '\ufeffsep=;\r\nnome;nome;nota\r\nAna;Souza;"two\r\nlines"\r\nBob;x\r\nEva;\0;y\r\nLia;Z;' + "x" * 2**20
    found = sheet((content + "\r\na;b;c;d\r\n").encode("utf-16"))
    assert found.header == ["nome", "nome (2)", "nota"]
    assert [row[0] for row in cells(found)] == ["Ana", "Lia"]
    assert cells(found)[0][2] == "two\r\nlines"
    assert [(fault.line, fault.cells[0]) for fault in found.faults] == [(5, "Bob"), (6, "Eva"), (8, "a")]


def test_a_short_and_a_long_row_are_refused_alone(sheet):
    found = sheet(b"a,b,c\n1,2,3\n1,2\n4,5,6\n1,2,3,4\n")
    assert cells(found) == [("1", "2", "3"), ("4", "5", "6")]
    assert [(fault.line, fault.reason) for fault in found.faults] == [
        (3, "The row has 2 cells where the header has 3."),
        (5, "The row has 4 cells where the header has 3."),
    ]
    assert found.faults[0].cells == ["1", "2"]


def test_a_stray_quote_costs_its_own_line_only(sheet):
    found = sheet(b'a,b\n1,"open\n2,fine\n3,"x" y\n4,5\' 6"\n')
    assert cells(found) == [("2", "fine"), ("4", "5' 6\"")]
    assert [fault.line for fault in found.faults] == [2, 4]


@pytest.mark.parametrize("line", ['1,$25.14"Leather, brown', "1,5' 6\" tall,x", '1,"two\nlines",x"y"z', 'O"N,1,2'])
def test_a_quote_inside_a_cell_without_quotes_is_refused_since_cells_may_have_shifted(sheet, line):
    found = sheet(f'sku,name,price\n{line}\n2,Lamp 24",9\n'.encode())
    assert cells(found) == [("2", 'Lamp 24"', "9")]
    assert [fault.line for fault in found.faults] == [2]
    assert found.faults[0].reason.startswith("A quote stands inside a cell that does not begin with one.")


def test_blanks_before_a_quote_are_no_part_of_the_cell(sheet):
    assert cells(sheet(b'a,b,c\n1, "x, y", z\n')) == [("1", "x, y", " z")]


@pytest.mark.parametrize("cell", [r'"Ana \"x\" B"', '"Ana "x" B"', '"Ana" and "Bob"'])
def test_a_quote_within_quotes_that_is_not_doubled_is_refused_and_never_left_out(sheet, cell):
    """Some databases write a backslash before it."""
    found = sheet(f'a,b\n{cell},1\n"fine, ""really""",2\n'.encode())
    assert cells(found) == [('fine, "really"', "2")]
    assert [(fault.line, fault.reason) for fault in found.faults] == [
        (2, "A quoted cell goes on after its closing quote. Double the quotes inside it.")
    ]


@pytest.mark.parametrize("text", ['""', '"a"', '"a""b"', '"""a"""', '"a,"', '",a"', '"a\nb"', '6"', '"\r\n"'])
def test_quotes_of_every_shape_are_read_as_the_standard_reads_them(sheet, text):
    """Clean files by the quick reader, what is in doubt line by line: both as Python's own reader."""
    content = f"a,b\nw,{text}\nx,{text}\n"
    expected = list(csv.reader(io.StringIO(content, newline="")))[1:]
    assert cells(sheet(content.encode())) == [tuple(row) for row in expected]


def test_cells_keep_their_line_breaks_and_rows_their_line_numbers(sheet):
    found = sheet(b'a,b\n1,"two\nlines"\n2,"said ""no"""\n3,x\n')
    assert cells(found) == [("1", "two\nlines"), ("2", 'said "no"'), ("3", "x")]
    assert lines(found) == [2, 4, 5]


def test_line_numbers_hold_beside_a_broken_row_too(sheet):
    found = sheet(b'a,b\n1,"two\nlines"\n2\n3,x\n')
    assert lines(found) == [2, 5]
    assert found.faults[0].line == 4


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(sheet, end):
    assert cells(sheet(end.join(["a,b", "1,2", "3,4"]).encode())) == [("1", "2"), ("3", "4")]


def test_blank_lines_are_no_rows(sheet):
    found = sheet(b"a,b\n\n1,2\n\n3,4\n\n\n")
    assert (cells(found), found.total) == ([("1", "2"), ("3", "4")], 2)


@pytest.mark.parametrize("more", ["", '4,"x\ny"\n', "5\n"])
def test_rows_of_nothing_but_delimiters_are_no_rows(sheet, more):
    """Whichever way the file is read: the last one has a row that is refused."""
    found = sheet(f"name,city\nAna,Recife\n,\n,\n , \n\n,,,\nBob,Porto\n{more}".encode())
    assert cells(found)[:2] == [("Ana", "Recife"), ("Bob", "Porto")]
    assert found.total == 2 + bool(more)
    assert lines(found)[:2] == [2, 8]


def test_texts_that_are_wrapped_as_formulas_are_unwrapped(sheet):
    found = sheet(b'name,="code",city\nAna,="00123",Recife\n"=""007""",="",="a"b"\n')
    assert found.header == ["name", "code", "city"]
    assert cells(found) == [("Ana", "00123", "Recife")]
    assert [fault.line for fault in found.faults] == [3]
    assert cells(sheet(b'name,code\n"=""007""",=""\n')) == [("007", "")]


@pytest.mark.parametrize("title", ["Customers of 2026", "Customers of 2026;;;", "Report;\nof May;;;\n", "A\nB\n;;;"])
def test_a_header_below_titles_is_found(sheet, title):
    found = sheet(f"{title}\nname;email;city;plan\nAna;ana@x.com;Recife;pro\nBob;bob@x.com;;\n".encode())
    assert found.header == ["name", "email", "city", "plan"]
    assert [row[0] for row in cells(found)] == ["Ana", "Bob"]
    at = title.count("\n") + 2
    assert f"The header was found on line {at}; what stands above it is left out." in found.notices


@pytest.mark.parametrize(
    "content",
    [
        "address\nRua A, 5, Recife\nRua B, 7, Porto\n",
        "name,,,\n1,2,3,4\n5,6,7,8\n",
        "note\nfoo, bar\nx, y\n",
        "a,b\n1,2\n1,2,3,4,5,6,7\n",
    ],
)
def test_a_header_of_few_words_is_still_one(sheet, content):
    found = sheet(content.encode())
    assert found.header[0] == content.split("\n")[0].split(",")[0]
    assert not any("found on line" in notice for notice in found.notices)


def test_a_nul_is_refused_with_its_row(sheet):
    found = sheet(b"a,b\n1,2\0\n3,4\n")
    assert (cells(found), found.faults[0].line) == ([("3", "4")], 2)


def test_a_header_that_stands_twice_is_told_apart_and_told(sheet):
    found = sheet(b"Email,Email,\na@x.com,b@x.com,\n")
    assert found.header == ["Email", "Email (2)", "Column 3"]
    assert "stands more than once" in found.notices[0]


def test_a_cell_of_a_megabyte_is_a_cell(sheet):
    assert cells(sheet(b"a,b\n1," + b"x" * 2**20 + b"\n2,y\n"))[0] == ("1", "x" * 2**20)


def test_one_column_needs_no_delimiter(sheet):
    assert cells(sheet(b"email\na@x.com\nb@x.com\n")) == [("a@x.com",), ("b@x.com",)]


@pytest.mark.parametrize(("content", "said"), [(b"", "empty"), (b"a,b\n", "no rows"), (b"\n\n", "no header")])
def test_a_file_without_rows_says_so(sheet, content, said):
    with pytest.raises(Invalid, match=said):
        sheet(content)


RECORDS = st.lists(st.lists(st.text("ab,;\"'\n\r \té😀", max_size=6), min_size=3, max_size=3), min_size=1, max_size=20)


@settings(max_examples=150, deadline=None)
@given(RECORDS, st.sampled_from([",", ";", "\t"]))
def test_what_a_csv_writer_wrote_is_read_as_it_was(tmp_path_factory, records, delimiter):
    import csv

    path = tmp_path_factory.mktemp("csv") / "file"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerow(["first", "second", "third"])
        writer.writerows(records)
    filled = [record for record in records if any(cell.strip(" \t") for cell in record)]
    if filled:
        assert [list(row) for row in cells(read(path, Options(delimiter=delimiter)))] == filled


DIRT = st.text('ab,"\n\r\0 ;', max_size=60)


@settings(max_examples=200, deadline=None)
@given(DIRT)
def test_both_ways_of_reading_agree_or_the_careful_one_is_taken(tmp_path_factory, dirt):
    """Every line that is not blank ends as a row or as a fault, whichever way the file is read."""
    from crm.foundation.tables.dialect import detect
    from crm.foundation.tables.encoding import Detected
    from crm.foundation.tables.read import _read_by_line, _read_clean

    path = tmp_path_factory.mktemp("csv") / "file"
    path.write_text("first,second,third\n" + dirt, encoding="utf-8", newline="")
    dialect = detect(path, Detected("utf-8"), Options(delimiter=","))
    fast = _read_clean(path, dialect, 3, 100)
    careful, faults = _read_by_line(path, dialect, 3, None, 100)
    if fast is not None:
        assert not faults
        assert fast.select(careful.columns).rows() == careful.rows()


def test_a_header_may_say_one_word_again_and_again_but_not_without_end(sheet):
    found = sheet(b",".join([b"a"] * 500) + b"\n" + b",".join([b"x"] * 500))
    assert found.header[::499] == ["a", "a (500)"]
    with pytest.raises(Invalid, match="501 columns; the limit is 500"):
        sheet(b",".join([b"a"] * 501) + b"\n" + b",".join([b"x"] * 501))


@given(text=st.text(alphabet='a,;="\n\r\0é', max_size=60), few=st.sampled_from([1, 10_000]))
def test_the_census_of_a_file_counts_the_same_in_pieces_of_any_size_and_either_way(tmp_path_factory, text, few):
    path = tmp_path_factory.mktemp("census") / "file.csv"
    path.write_bytes(f"head,er\n{text}".encode())
    dialect = Dialect("utf-8", ",", '"', ["head", "er"], 2)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "FEW_QUOTES", few)
        found = reading._census(path, dialect)
        patched.setattr(encodings, "CHUNK", 3)
        assert reading._census(path, dialect) == found
    pairs = (',"', '\n"', '",', '"\n', '"\r')
    around = f"\n{text}"
    assert found == reading.Census(
        delimiters=text.count(","),
        ends=text.count("\n") + (not text.endswith("\n") and text != ""),
        quotes=text.count('"'),
        edges=sum(around.count(pair) for pair in pairs) + text.endswith('"'),
        nul="\0" in text,
        bare_cr=text.count("\r") != text.count("\r\n"),
        wrapped='="' in text,
    )


@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 24])
@pytest.mark.parametrize("sound", [b"", b"caf\xc3\xa9\n", b"\xf0\x9f\xa6\x86\n\xc3\xa9", b"\n\xc3\xa9"])
@pytest.mark.parametrize("bad", [b"", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xc3", b"\xc3\n\xa9"])
def test_utf_8_is_told_from_what_is_not_in_pieces_of_any_size(tmp_path, monkeypatch, chunk, sound, bad):
    monkeypatch.setattr(encodings, "CHUNK", chunk)
    path = tmp_path / "file.csv"
    path.write_bytes(sound + bad)
    found = encodings.first_bad_byte(path, "utf-8")
    assert (found is None) == (bad == b"")
    assert found is None or (found.offset, found.value) == (len(sound), bad[0])
