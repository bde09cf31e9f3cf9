"""What a machine would run is taken in under no name and through no door."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm import contacts
from crm.foundation import programs
from crm.foundation.errors import Invalid
from crm.foundation.programs import ENDINGS, is_program, shown_name
from crm.foundation.settings import Settings
from crm.platform import files
from crm.records import attachments
from crm.store import Store
from tests.people import Team

REFUSED = frozenset(ENDINGS.split())


@pytest.mark.parametrize(
    "name",
    [
        *(
            f"a.{ending}"
            for ending in ["exe", "bat", "cmd", "scr", "js", "vbs", "ps1", "lnk", "hta", "jar", "msi", "com", "reg"]
        ),
        "INVOICE.PDF.EXE",
        "invoice.exe.",
        "invoice.exe . ",
        "invoice.exe\u00a0",
        "invoice\u202efdp.exe",
        "invoice.e\u200bx\u200de",
        "invoice．exe",
        "notes.txt:evil.exe",
        "evil.exe::$DATA",
        "folder\\evil.bat",
        "../evil.bat",
        ".bat",
        "a.pdf\n.exe",
    ],
)
def test_a_name_of_a_program_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="Programs are not taken in"):
        shown_name(name, REFUSED)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo\u202egnp.txt", "photognp.txt"),
        ("a\tb\u2028.pdf", "ab.pdf"),
        ("offer.pdf. ", "offer.pdf"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1 .pdf", "_com1 .pdf"),
        ("console.txt", "console.txt"),
        ("at 10:30?.png", "at 10_30_.png"),
        ("setup.exe.txt", "setup.exe.txt"),
        ("João – proposta nº 3.pdf", "João – proposta nº 3.pdf"),
        ("👩\u200d💻 نامه\u200cها.pdf", "👩\u200d💻 نامه\u200cها.pdf"),
    ],
)
def test_a_name_loses_what_nobody_sees_and_what_a_disk_takes_otherwise(name: str, shown: str) -> None:
    assert shown_name(name, REFUSED) == shown


@given(some.text(max_size=20))
def test_a_name_that_was_cleaned_is_clean(name: str) -> None:
    try:
        shown = shown_name(name, REFUSED)
    except Invalid:
        return
    assert shown_name(shown, REFUSED) == shown
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\r\n\0/\\:")


@pytest.mark.parametrize(
    ("head", "runs"),
    [
        (b"MZ\x90\0\x03", True),
        (b"\x7fELF\x02", True),
        (b"#!/bin/sh\n", True),
        (b"\xef\xbb\xbf#! /usr/bin/env python", True),
        (b"\xcf\xfa\xed\xfe\x07", True),
        (b"\xca\xfe\xba\xbe\0", True),
        (b"L\0\0\0\x01\x14\x02\0\0", True),
        (b"MZ Consulting;Porto\n", False),
        (b"#! heading\n", False),
        (b"%PDF-1.7", False),
        (b"PK\x03\x04", False),
        (b"", False),
    ],
)
def test_a_program_is_known_by_how_it_begins(head: bytes, runs: bool) -> None:
    assert is_program(head) is runs


def test_the_endings_that_are_refused_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_REFUSED_ENDINGS", ".Foo, bar")
    assert Settings().refuses == {"foo", "bar"}
    assert shown_name("a.exe", Settings().refuses) == "a.exe"
    with pytest.raises(Invalid):
        shown_name("a.FOO", Settings().refuses)


def test_no_door_keeps_a_program_nor_a_name_of_one(store: Store, team: Team) -> None:
    with pytest.raises(Invalid, match=programs.WHY):
        files.keep(store, [b"M", b"Z\x90", b"\0\0"], 100)
    assert list(files.folder(store).iterdir()) == []
    sha256, size = files.keep(store, [b"a,b\n"], 100)
    with store.writing(team.ana) as tx:
        zoe = contacts.create(tx, name="Zoe")
        with pytest.raises(Invalid, match=r"ends in \.exe"):
            attachments.attach(
                tx, "contact", zoe.id, sha256=sha256, file_name="a.pdf.exe", size=size, media_type="text/plain"
            )
        with pytest.raises(Invalid, match=r"ends in \.js"):
            files.register(tx, sha256=sha256, file_name="contacts.js", size=size)
        kept = files.register(tx, sha256=sha256, file_name="contacts\u202evsc.csv", size=size)
    assert kept.file_name == "contactsvsc.csv"


def test_a_name_from_before_loses_its_unseen_signs_at_the_update() -> None:
    import duckdb

    from crm.store.migrate import MIGRATIONS

    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA base; CREATE TABLE base.uploads (file_name VARCHAR)")
    connection.execute("INSERT INTO base.uploads VALUES ('photo\u202egnp.exe'), ('\u200b'), ('plain 👩\u200d💻.pdf')")
    script = (MIGRATIONS / "0023_walls.sql").read_text()
    connection.execute(script[script.index("UPDATE base.uploads") :])
    found = connection.execute("SELECT file_name FROM base.uploads").fetchall()
    assert found == [("photognp.exe",), ("file",), ("plain 👩\u200d💻.pdf",)]
