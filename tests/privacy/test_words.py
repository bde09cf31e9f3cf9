"""By which words a person is found in texts, and which texts are left alone."""

import io
import zipfile

import pytest

from crm.foundation.access import SYSTEM
from crm.privacy.erasing import imported, terms

LIA = terms.of(["Lia Prado", "lia@x.com", "C-0042"], ["+5511987654321"])


@pytest.mark.parametrize(
    "text",
    [
        "Lia Prado",
        "LIA  PRADO!",
        "(lia prado)",
        '{"note":"first line\\nLia Prado"}',
        "write to Lia@X.com, or",
        "<lia@x.com>",
        "c-0042",
        "+55 11 98765-4321",
        "(11) 98765-4321",
        "011 98765 4321",
        "5511987654321",
        "98765-4321 is not it, but 11.98765.4321 is",
    ],
)
def test_they_are_found_however_they_are_written(store, text):
    assert LIA.python.search(text)
    with store.reading(SYSTEM) as tx:
        assert tx.value(f"SELECT {LIA.holding('$text')}", text=text, **LIA.params)


@pytest.mark.parametrize(
    "text",
    [
        "Lia",
        "Amelia Pradolina",
        "Julia Prado",
        "julia@x.com.br",
        "lia@x.community",
        "C-00421",
        "987654321",
        "11987654322",
    ],
)
def test_others_are_not(store, text):
    assert not LIA.python.search(text)
    with store.reading(SYSTEM) as tx:
        assert not tx.value(f"SELECT {LIA.holding('$text')}", text=text, **LIA.params)


def test_letters_with_accents_are_found_without_them_and_in_json():
    found = terms.of(['Zoë "Zed" O’Neil'], [])
    for text in ('zoe "zed" o’neil', '{"name": "Zoë \\"Zed\\" O’Neil"}'):
        assert found.python.search(text), text


@pytest.mark.parametrize(
    ("name", "telling"), [("Ana", False), ("Office", False), ("Ana Lima", True), ("Canary7", True)]
)
def test_a_name_that_is_anybodys_word_is_not_looked_for(name, telling):
    assert terms.is_distinctive(name) is telling


@pytest.mark.parametrize(
    ("key", "telling"), [("42", False), ("123456", False), ("commerce", False), ("1234567", True), ("C-0042", True)]
)
def test_a_number_that_could_be_any_is_not_looked_for(key, telling):
    assert terms.is_distinctive_key(key) is telling


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850", "mac-roman"]
)
def test_a_file_that_names_the_person_is_found_in_every_encoding(tmp_path, encoding):
    path = tmp_path / "people.csv"
    path.write_bytes(("nome,e-mail\r\n" + "é,x@y.com\r\n" * 50 + "José Ávila,jose@x.com\r\n").encode(encoding))
    assert imported.holds(path, terms.of(["José Ávila"], []))
    assert not imported.holds(path, terms.of(["José Avila Neto"], []))


@pytest.mark.parametrize(
    ("encoding", "chosen"), [("cp1251", []), ("koi8-r", []), ("iso8859-5", []), ("cp1125", ["cp1125"])]
)
def test_a_file_in_a_foreign_encoding_is_looked_into_too(tmp_path, encoding, chosen):
    path = tmp_path / "people.csv"
    path.write_bytes("имя,город\r\nИван Петров,Казань\r\n".encode(encoding))
    assert imported.holds(path, terms.of(["Иван Петров"], []), chosen)
    assert not imported.holds(path, terms.of(["Иван Сидоров"], []), chosen)


def test_a_name_on_the_seam_of_two_pieces_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(imported, "PIECE", 4096)
    path = tmp_path / "people.csv"
    for before in range(4080, 4100):
        path.write_bytes(b"x" * before + b"\nLia Prado\n" + b"x" * 5000)
        assert imported.holds(path, LIA), before


def test_a_workbook_is_looked_into(tmp_path):
    path = tmp_path / "people.xlsx"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", "<sst><si><t>Lia Prado</t></si></sst>")
    path.write_bytes(content.getvalue())
    assert imported.holds(path, LIA)
    assert not imported.holds(path, terms.of(["Rui Alves"], []))
