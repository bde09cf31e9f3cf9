"""The encoding of a file: found, guessed and confirmed, or chosen."""

import encodings as python
import pkgutil

import pytest

from crm import imports
from crm.foundation.errors import Invalid
from crm.foundation.tables import encoding_names
from crm.foundation.tables.encoding_guess import guess
from crm.privacy.erasing import imported, terms
from tests.imports.conftest import cells, finished, rows

RUSSIAN = "name,city\r\nИван Петров,Казань\r\n".encode("cp1251")


@pytest.mark.parametrize(
    "text",
    [
        "Maria D’Ávila",
        "Sean O’Brien",
        "A – B",
        "A — B",
        "€ Bank",
        "£5",
        "“Acme” ©",
        "so on…",
        "Ana’s",
        "nº 3",
        "30°",
        "¿Qué?",
        "D´Ávila",
    ],
)
def test_punctuation_tells_what_windows_wrote(sheet, text):
    found = sheet(f"name;note\nAna;{text}\n".encode("cp1252"))
    assert (cells(found), found.dialect.encoding, found.dialect.guessed) == ([("Ana", text)], "cp1252", False)


def test_one_apostrophe_in_five_hundred_rows_is_enough(sheet):
    lines = "".join(f"Person {number};Recife\n" for number in range(500))
    found = sheet(f"name;city\n{lines}Sean O’Brien;Cork\n".encode("cp1252"))
    assert (cells(found)[-1], found.dialect.guessed) == (("Sean O’Brien", "Cork"), False)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Иван Петров,Казань"),
        ("koi8-r", "Анна Смирнова,Москва"),
        ("cp866", "Анна Смирнова,Москва"),
        ("cp1250", "Lech Wałęsa,Łódź"),
        ("iso8859-2", "Jiří Šťastný,Plzeň"),
        ("cp1253", "Γιώργος Παπαδόπουλος,Αθήνα"),
        ("cp1254", "Şükrü Işık,Diyarbakır"),
        ("cp1252", "Þór Ægisson,Reykjavík"),
        ("cp1255", "דוד כהן,ירושלים"),
        ("cp1256", "محمد علي,القاهرة"),
        ("cp932", "山田太郎,東京"),
        ("gb18030", "王小明,北京"),
        ("big5", "王小明,台北"),
        ("cp949", "김철수,서울"),
    ],
)
def test_a_foreign_file_is_guessed_and_the_guess_is_told(sheet, encoding, text):
    found = sheet(f"name,city\n{text}\n".encode(encoding))
    assert (found.dialect.encoding, found.dialect.guessed) == (encoding, True)
    assert ",".join(cells(found)[0]) == text
    assert found.notices[0].startswith(f"The encoding is a guess: {encoding_names.shown(encoding)}, as in “")


@pytest.mark.parametrize("name", ["windows-1251", "WINDOWS-1251", "cp1251", "1251"])
def test_an_encoding_is_chosen_by_any_of_its_names_and_is_no_guess_then(sheet, name):
    found = sheet(RUSSIAN, encoding=name)
    assert (cells(found), found.dialect.guessed, found.notices) == ([("Иван Петров", "Казань")], False, [])


def test_every_encoding_of_text_that_python_knows_can_be_chosen():
    modules = {module.name for module in pkgutil.iter_modules(python.__path__)}
    no_text = {"aliases", "base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"}
    no_files = {"charmap", "idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
    only_windows = {"_win_cp_codecs"}
    for module in modules - no_text - no_files - only_windows:
        assert encoding_names.codec(module) in {*encoding_names.choices(), "utf-8-sig"}, module
    for refused in [*no_text, "klingon", "unicode_escape", "\0", ""]:
        with pytest.raises(Invalid, match="no encoding that is known"):
            encoding_names.codec(refused)


@pytest.mark.parametrize("encoding", [*encoding_names.choices()])
def test_every_encoding_that_can_be_chosen_is_read(sheet, encoding):
    found = sheet("name,city\nAna,Recife\n".encode(encoding), encoding=encoding)
    assert (found.header, cells(found)) == (["name", "city"], [("Ana", "Recife")])


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("name;city\nJoão;São\nAna;Recif".encode() + b"\xc3", "byte 0xC3 at position 30, on line 3"),
        ("name;city\nJoão;x\nAna;S".encode() + b"\xc3", "byte 0xC3 at position 23, on line 3"),
        (b"name;city\nJo\xc3;x\nAna;y\n", "byte 0xC3 at position 12, on line 2"),
        (b"name;city\nAna;5 \xe2\x82", "byte 0xE2 at position 16, on line 2"),
    ],
)
def test_utf_8_that_is_cut_inside_a_letter_is_named_by_byte_and_line(sheet, content, where):
    with pytest.raises(Invalid, match=f"not UTF-8: {where}"):
        sheet(content)


def test_words_of_one_western_file_need_no_question():
    words = "São José Müller Hélène Señor Bjørn straße garçon Åse MAÇÃ São"
    assert guess(words.encode("cp1252")).sure


# What people meet


def test_a_guess_is_confirmed_before_the_import_is_applied(store, team, bring):
    planned = bring(team.marta, "contacts", RUSSIAN, dry_run=True)
    assert (planned.found["encoding"], planned.found["encoding_guessed"]) == ("cp1251", True)
    assert planned.found["notices"][0].startswith("The encoding is a guess: Windows-1251")
    with store.writing(team.marta) as tx, pytest.raises(Invalid, match="not sure: it was read as Windows-1251"):
        imports.apply(tx, planned.id)
    with store.writing(team.marta) as tx, pytest.raises(Invalid, match="begin it anew"):
        imports.apply(tx, planned.id, encoding="koi8-r")
    with store.writing(team.marta) as tx:
        imports.apply(tx, planned.id, encoding="windows-1251")
    assert finished(store, team.marta, planned.id).state == "done"
    assert rows(store, team.marta, "SELECT name, city FROM contacts") == [("Иван Петров", "Казань")]


def test_without_a_dry_run_a_guess_writes_nothing(store, team, bring):
    failed = bring(team.marta, "contacts", RUSSIAN)
    assert (failed.state, "say which encoding it is in" in failed.message) == ("failed", True)
    assert bring(team.marta, "contacts", RUSSIAN, encoding="windows-1251").created == 1


def test_an_encoding_that_nobody_knows_is_refused_when_the_import_is_begun(store, team, begin):
    with pytest.raises(Invalid, match="“klingon” is no encoding"):
        begin(team.marta, "contacts", RUSSIAN, encoding="klingon")


def test_a_file_whose_encoding_was_chosen_is_looked_into_in_that_one(store, team, bring):
    bring(team.marta, "contacts", "name,city\nIvan Petrov,Kazan\n".encode("cp037"), encoding="cp037")
    with store.reading(team.marta) as tx:
        found = imported.uploads(tx)
    assert [each["chosen"] for each in found] == [["cp037"]]
    assert imported.naming_in_files(store.folder, found, terms.of(["Ivan Petrov"], [])) == [found[0]["id"]]
