"""Texts in the language of whoever reads them."""

from decimal import Decimal
from threading import Thread

import pytest

from crm.foundation import language
from crm.foundation.language import catalogues, keeping, listed, plural, speaking, tr, tr_as

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Add {kind}"
msgstr "Quá {kind}"

msgctxt "verb"
msgid "Open"
msgstr "Quá"

msgid "Open"
msgstr "Quém"

msgid "{count:,} duck"
msgid_plural "{count:,} ducks"
msgstr[0] "{count:,} pato"
msgstr[1] "{count:,} patos"

msgid "{first} and {last}"
msgstr "{first} e {last}"
"""


@pytest.fixture
def duck(tmp_path, monkeypatch):
    """A language of its own, with a few texts."""
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    monkeypatch.setattr(language, "LANGUAGES", ("en", "pt_BR"))
    (tmp_path / "pt_BR.po").write_text(CATALOGUE)
    catalogues.texts.cache_clear()
    yield "pt_BR"
    catalogues.texts.cache_clear()


def test_a_text_is_translated_with_its_values(duck):
    with speaking(duck):
        assert tr("Add {kind}", kind="deal") == "Quá deal"
        assert (tr("Open"), tr_as("verb", "Open")) == ("Quém", "Quá")
        assert tr("100 % {odd}") == "100 % {odd}"  # untranslated, and no values were given
        assert listed(["a", "b", "c"]) == "a, b e c"
    assert tr("Add {kind}", kind="deal") == "Add deal"


def test_the_form_follows_the_number_and_digits_are_grouped_as_the_language_does(duck):
    with speaking(duck):
        assert [plural("{count:,} duck", "{count:,} ducks", count) for count in (0, 1, 1234)] == [
            "0 patos",
            "1 pato",
            "1.234 patos",
        ]
        assert tr("{a:.1f} {b:,f} {c:g}", a=0.5, b=Decimal("1234.50"), c=2.5) == "0,5 1.234,50 2,5"
    assert plural("{count:,} duck", "{count:,} ducks", 1234) == "1,234 ducks"


def test_a_thread_that_nobody_told_asks(duck, monkeypatch):
    monkeypatch.setattr(language, "_if_unset", lambda: duck)
    said = []
    thread = Thread(target=lambda: said.append(tr("Open")))
    thread.start()
    thread.join()
    assert said == ["Quém"]


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt_BR"),
        ("pt-PT", "pt_BR"),
        ("en;q=0.5, pt;q=0.9", "pt_BR"),
        ("de, en-GB;q=0.3", "en"),
        ("pt_BR.UTF-8", "pt_BR"),
        ("de", None),
        ("", None),
        (None, None),
        ("x;q=much", None),
    ],
)
def test_the_language_that_suits_a_wish_best(accepted, expected):
    assert language.preferred(accepted) == expected


def test_a_fault_of_a_catalogue_is_named(duck, monkeypatch):
    wanted = keeping.Catalog()
    for text in ("Open", "Add {other}", "Closed"):
        wanted.add(text, locations=[("crm/x.py", 0)])
    monkeypatch.setattr(keeping, "template", lambda: wanted)
    assert keeping.faults(duck) == [
        "crm/x.py: not translated: 'Add {other}'",
        "crm/x.py: not translated: 'Closed'",
        "pt_BR.po: no longer used: 'Add {kind}'",
        "pt_BR.po: no longer used: 'Open'",
        "pt_BR.po: no longer used: '{count:,} duck'",
        "pt_BR.po: no longer used: '{first} and {last}'",
    ]


@pytest.mark.parametrize(
    ("text", "translation", "fault"),
    [
        ("{many:,} of {all}", "{all}: {many:,}", False),
        ("{many:,} of {all}", "{all}: {many}", True),
        ("{many} of {all}", "{all}: {many:,}", True),
        ("{many} of {all}", "{many} {}", True),
        ("{many} of {all}", "{many} {all", True),
        (("{count:,} duck of {all}", "{count:,} ducks of {all}"), ("Pato de {all}", "{count:,} patos de {all}"), False),
        (("{count:,} duck of {all}", "{count:,} ducks of {all}"), ("{count:d} pato de {all}", "{count:,} patos"), True),
    ],
)
def test_a_translation_that_could_not_take_the_values_is_a_fault(text, translation, fault):
    assert keeping._same_values(keeping.Message(text, translation)) is not fault
