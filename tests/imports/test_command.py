"""`crm import` on a store that nobody has open."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crm import imports
from crm.cli import app
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid
from crm.store import Store

CONTENT = "name;email\nAna;ana@x.com\nBob;nope\n"


@pytest.fixture
def run(tmp_path: Path):
    def command(*arguments: str, content: str = CONTENT) -> Result:
        file = tmp_path / "people.csv"
        file.write_text(content, encoding="cp1252")
        return CliRunner().invoke(
            app, ["import", *arguments[:1], str(file), *arguments[1:], "--store", str(tmp_path / "s")]
        )

    return command


def test_it_says_counts_that_sum_up_and_its_exit_code_that_some_were_rejected(run, tmp_path):
    done = run("contacts", "--rejected", str(tmp_path / "rejected.csv"))
    assert done.exit_code == 1
    assert "2 rows read: 1 created, 0 updated, 0 unchanged, 0 skipped, 1 rejected." in done.output
    assert "Bob,nope" in (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")


def test_all_well_is_exit_code_0_and_a_second_run_changes_nothing(run):
    content = "nome;cidade\nJoão;São Paulo\n"
    assert run("contacts", "--set", "country=Brasil", "--on-duplicate", "skip", content=content).exit_code == 0


def test_a_dry_run_writes_nothing(run, tmp_path):
    assert "1 would be created" in run("contacts", "--dry-run").output
    store = Store(tmp_path / "s")
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM contacts") == 0
    store.close()


def test_a_question_left_open_is_exit_code_2(run):
    done = run("companies", "--set", "nonsense=1", content="name\nAurora\n")
    assert (done.exit_code, "no field “nonsense”" in done.output) == (2, True)


def test_a_mapping_that_is_not_there_is_refused(run):
    assert isinstance(run("contacts", "--map", "nowhere").exception, Invalid)


def test_an_import_is_undone_by_its_number(run, tmp_path):
    run("contacts")
    told = CliRunner().invoke(app, ["undo-import", "1", "--dry-run", "--store", str(tmp_path / "s")])
    assert (told.exit_code, told.output) == (0, "Would be: 1 created records deleted.\n")
    done = CliRunner().invoke(app, ["undo-import", "1", "--store", str(tmp_path / "s")])
    assert (done.exit_code, done.output) == (0, "1 created records deleted.\n")
    store = Store(tmp_path / "s")
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM contacts") == 0
    store.close()


def test_what_is_not_imported_is_refused_before_a_store_is_made(run, tmp_path):
    refused = run("products")
    assert isinstance(refused.exception, Invalid)
    assert str(refused.exception) == ("There is no import of “products”, only of contacts, companies, deals, orders.")
    assert not (tmp_path / "s").exists()


def test_words_for_nothing_are_told_and_kept_where_they_are_meant(run):
    content = 'name,city,labels\nAna,NULL,"VIP,News"\n'
    told = run("contacts", "--dry-run", content=content)
    assert "“NULL” in 1 cell is read as nothing." in told.output
    assert "Labels are split at “,”." in told.output
    kept = run("contacts", "--dry-run", "--keep-placeholders", "--label-delimiter", ";", content=content)
    assert "read as nothing" not in kept.output
    assert "split at" not in kept.output


def test_undoing_takes_back_the_labels_that_the_import_made(run, tmp_path):
    assert run("contacts", content="name,labels\nAna,VIP\n").exit_code == 0
    undone = CliRunner().invoke(app, ["undo-import", "1", "--store", str(tmp_path / "s")])
    assert "1 labels created along the way deleted" in undone.output


def test_a_guessed_encoding_is_told_and_has_to_be_chosen(tmp_path):
    file = tmp_path / "people.csv"
    file.write_bytes("name;city\nИван Петров;Казань\n".encode("cp1251"))
    command = ["import", "contacts", str(file), "--store", str(tmp_path / "s")]
    tried = CliRunner().invoke(app, [*command, "--dry-run"])
    assert (tried.exit_code, "The encoding is a guess: Windows-1251" in tried.output) == (0, True)
    failed = CliRunner().invoke(app, command)
    assert (failed.exit_code, "say which encoding it is in" in failed.output) == (2, True)
    done = CliRunner().invoke(app, [*command, "--encoding", "windows-1251"])
    assert (done.exit_code, "1 created" in done.output) == (0, True)


def test_a_sheet_saved_as_csv_is_read_as_it_shows(tmp_path):
    """Titles above the header, codes wrapped as formulas, empty rows below, and a quote that shifts cells."""
    file = tmp_path / "people.csv"
    file.write_text(
        'Customers of May,,\nName,City,Identifier\nAna,Recife,="00123"\nBob,5" x"y,7\n,,\n,,\n', encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["import", "contacts", str(file), "--store", str(tmp_path / "s")])
    assert "2 rows read: 1 created, 0 updated, 0 unchanged, 0 skipped, 1 rejected." in done.output
    assert "The header was found on line 2" in done.output
    assert "line 4: A quote stands inside a cell" in done.output
    store = Store(tmp_path / "s")
    with store.reading(SYSTEM) as tx:
        assert tx.rows("SELECT name, identifier FROM contacts") == [{"name": "Ana", "identifier": "00123"}]
    store.close()


def test_delimiter_and_decimal_mark_are_said(run, tmp_path):
    content = "title|value\nA|1,234\n"
    run("deals", "--delimiter", "|", "--decimal", ",", "--dry-run", content=content)
    store = Store(tmp_path / "s")
    with store.reading(SYSTEM) as tx:
        found = imports.get(tx, 1).found
    store.close()
    assert (found["delimiter"], found["decimal"]) == ("|", ",")


def test_a_decimal_mark_that_is_none_is_refused(run):
    done = run("deals", "--decimal", "x", content="title,value\nA,1\n")
    assert done.exit_code != 0
