"""Records of a type of one's own on the command line, by its slug: from a file and to one."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crm.cli import app
from crm.foundation.errors import Invalid
from crm.objects import ObjectType
from crm.store import Store


@pytest.fixture
def folder(store: Store, course: ObjectType) -> str:
    """Of a store with the type Course, which nobody has open."""
    store.close()
    return str(store.folder)


def test_records_are_imported_and_exported_by_the_slug_of_their_type(folder: str, tmp_path: Path) -> None:
    file, out = tmp_path / "courses.csv", tmp_path / "out.csv"
    file.write_text("Name,External id\nEnglish,E1\nChess,C1\n")
    done = CliRunner().invoke(app, ["import", "course", str(file), "--store", folder])
    assert (done.exit_code, "2 created" in done.output) == (0, True)
    assert CliRunner().invoke(app, ["export", "course", str(out), "--store", folder]).exit_code == 0
    text = out.read_text("utf-8-sig")
    assert all(name in text for name in ("English", "Chess", "E1"))


@pytest.mark.parametrize("command", ["import", "export"])
def test_a_word_that_names_no_type_is_answered_with_those_that_there_are(
    folder: str, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "vehicles.csv"
    file.write_text("Name\nVan\n")
    said = CliRunner().invoke(app, [command, "vehicle", str(file), "--store", folder])
    assert isinstance(said.exception, Invalid)
    assert re.search("of “vehicle”, only of contacts, companies, deals, orders, .*course\\.", str(said.exception))
    told = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
    assert "such as course" in told.output
