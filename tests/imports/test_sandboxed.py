"""Files that are read apart from the product: what comes of it is the same, and one that takes too much fails alone."""

import io
import subprocess
import sys

import pytest
import xlsxwriter

from crm import imports
from crm.foundation.errors import Invalid
from crm.foundation.tables import read as tables
from crm.foundation.tables.model import TableLimits
from crm.foundation.tables.read import read
from crm.imports import Options
from crm.imports.interruption import Cancelled
from crm.imports.reading import upload
from crm.imports.reading.upload import read_file
from crm.platform import files, notices
from tests.imports.conftest import counts, finished, rows

DIRTY = 'name;notes\nAna;"a\nb"\nBob;"never closed\nVera;x;y\nMárta;é\n'


def big_sheet(rows: int = 3_000) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    page = book.add_worksheet("People")
    page.write_row(0, 0, ["name", "notes"])
    for number in range(1, rows):
        page.write_row(number, 0, ["Ana", "x" * 32_000])
    book.close()
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("limit", [None, 2])
def test_a_table_that_is_read_apart_is_the_one_that_is_read_here(tmp_path, monkeypatch, encoding, limit):
    path = tmp_path / "file"
    path.write_bytes(DIRTY.encode(encoding))
    here = read_file(path, Options(), limit)
    monkeypatch.setattr(upload, "SMALL", 0)
    apart = read_file(path, Options(), limit)
    assert here.rows.rows() == apart.rows.rows()
    assert here.rows.schema == apart.rows.schema
    assert (here.header, here.faults, here.dialect, here.notices) == (
        apart.header,
        apart.faults,
        apart.dialect,
        apart.notices,
    )
    assert here.faults or limit
    assert list(tmp_path.iterdir()) == [path]


def test_a_workbook_that_takes_too_much_memory_fails_with_the_reason_and_the_next_import_goes_on(
    store, team, begin, monkeypatch
):
    monkeypatch.setenv("CRM_READING_MEMORY_MB", "1")
    large = begin(team.marta, "contacts", big_sheet())
    small = begin(team.marta, "contacts", "name\nAna\n")
    found = finished(store, team.marta, large.id)
    assert found.state == "failed"
    assert "Reading this file took more than 1 MiB of memory" in found.message
    with store.reading(team.marta) as tx:
        assert any("took more than 1 MiB" in one.text for one in notices.of_actor(tx))
        assert counts(imports.get(tx, small.id)) == (1, 0, 0, 0, 0)
    assert [path.name for path in files.folder(store).iterdir() if len(path.name) != 64] == []


def test_the_limits_are_those_of_the_settings(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(big_sheet(100))
    monkeypatch.setenv("CRM_WORKBOOK_TEXT_MB", "2")
    with pytest.raises(Invalid, match=r"“People” would come to 3 MB of text; the limit is 2 MB .CRM_WORKBOOK_TEXT_MB"):
        read_file(path, Options())
    path.write_text("name,city\n" + "Ana,Recife\n" * 100, encoding="utf-8")
    monkeypatch.setenv("CRM_IMPORT_CELLS", "150")
    with pytest.raises(Invalid, match="more than 75 rows of 2 columns: the limit is 150 cells"):
        read_file(path, Options())


def test_a_reading_that_is_called_off_ends_at_once_and_leaves_nothing(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(big_sheet(10))

    def heed():
        raise Cancelled

    with pytest.raises(Cancelled):
        read_file(path, Options(), heed=heed)
    assert list(tmp_path.iterdir()) == [path]


def test_lines_too_short_to_be_rows_do_not_fill_the_memory_as_rows(tmp_path):
    """Polars would make 500 empty cells of each line of one byte."""
    path = tmp_path / "file"
    path.write_text(",".join(f"c{n}" for n in range(500)) + "\n" + "x\n" * 2_000, encoding="utf-8")
    found = read(path, Options(), limits=TableLimits(cells=100_000))
    assert (found.rows.height, len(found.faults)) == (0, 2_000)


def test_a_file_of_which_nearly_nothing_can_be_read_is_refused_with_the_first_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST_FAULTS", 10)
    path = tmp_path / "file"
    path.write_text("name,city\n" + "x,y,z\n" * 11, encoding="utf-8")
    with pytest.raises(Invalid, match=r"More than 10 rows .* The first is line 2: The row has 3 cells"):
        read(path, Options())


def test_a_backup_leaves_out_what_is_being_read_and_the_next_start_removes_it(store, team, bring):
    bring(team.marta, "contacts", "name\nAna\n")
    left = files.folder(store) / "arriving-reading"
    left.mkdir()
    (left / "rows.parquet").write_bytes(b"x")
    copied = store.back_up() / "uploads"
    assert [len(path.name) for path in copied.iterdir()] == [64]
    files.clear_unfinished(store)
    assert not left.exists()
    assert rows(store, team.marta, "SELECT count(*) FROM contacts") == [(1,)]


def test_the_child_loads_at_its_start_nothing_that_a_text_file_does_not_need():
    """Each file of more than 1 MiB starts one: what it loads is paid for by every import."""
    names = "{'babel', 'fastexcel', 'pandas', 'numpy', 'pyarrow', 'duckdb', 'pydantic'}"
    start = f"import sys, crm.foundation.tables.sandboxed; print(sorted({names} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=True).stdout
    assert loaded == "[]\n"
