"""Normal forms: what is the same, what is not, and what is refused."""

from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm.foundation import identity
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid
from crm.imports.reading.normal_forms import search_texts
from crm.store import Store


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ana@Example.COM\t", "Ana@example.com"),
        ("joão@bücher.de", "joão@bücher.de"),
        ("", None),
        (" \t", None),
        (None, None),
    ],
)
def test_an_email_is_kept_in_normal_form(typed: str | None, kept: str | None) -> None:
    assert identity.email(typed) == kept


@pytest.mark.parametrize("typed", ["ana", "a@@b.co", "a..b@x.com", "ana@local host", "ana@", "a\0@b.co"])
def test_what_is_no_email_is_refused_by_name(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        identity.email(typed)
    assert refusal.value.field == "email"


def test_emails_are_one_in_any_case_but_not_without_their_accents() -> None:
    assert identity.email_key("ANA@x.com") == identity.email_key("ana@X.com".replace("X", "x"))
    assert identity.email_key("müller@x.com") != identity.email_key("muller@x.com")


@pytest.mark.parametrize(
    ("typed", "region", "kept"),
    [
        ("(11) 98765-4321", "BR", "+5511987654321"),
        ("+55 11 98765-4321", "US", "+5511987654321"),
        ("011 98765 4321", "BR", "+5511987654321"),
        ("(201) 555-0123", "US", "+12015550123"),
        ("  ", "BR", None),
    ],
)
def test_a_phone_is_kept_as_e164(typed: str, region: str, kept: str | None) -> None:
    assert identity.phone(typed, region) == kept


@pytest.mark.parametrize("typed", ["123", "phone", "+999 1", "(00) 98765-4321"])
def test_what_is_no_phone_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="phone number"):
        identity.phone(typed, "BR")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://www.Example.com/path?x=1", "example.com"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("ana@empresa.com.br", "empresa.com.br"),
        ("example.com.", "example.com"),
    ],
)
def test_a_domain_is_the_host_alone(typed: str, kept: str) -> None:
    assert identity.domain(typed) == kept


@pytest.mark.parametrize("typed", ["localhost", "a b.com", "..", "http://"])
def test_what_is_no_domain_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="domain"):
        identity.domain(typed)


def test_a_text_keeps_everything_but_outer_blanks() -> None:
    assert identity.text("  \u00a0<b>O'Neil</b>\n; DROP 🦆 ", "name") == "\u00a0<b>O'Neil</b>\n; DROP 🦆"
    with pytest.raises(Invalid, match="NUL"):
        identity.text("a\0b", "name")
    with pytest.raises(Invalid, match="501 characters"):
        identity.text("x" * 501, "name")


@given(some.emails())
def test_the_normal_form_of_an_email_is_its_own_normal_form(address: str) -> None:
    try:
        once = identity.email(address)
    except Invalid:
        return
    assert identity.email(once) == once


def test_folding_finds_what_people_type_without_accents() -> None:
    assert "joao conceicao" in identity.search_text("João Conceição", None, "x")


LETTERS = some.characters(min_codepoint=32, max_codepoint=0x24F)


@pytest.fixture(scope="module")
def sql_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("folding") / "store", threads=1)
    yield store
    store.close()


@given(some.text(LETTERS, max_size=30))
def test_folding_equals_the_stores_own_for_latin_letters(sql_store: Store, value: str) -> None:
    with sql_store.reading(SYSTEM) as tx:
        assert identity.searchable(value) == tx.value(f"SELECT {identity.searchable_sql('$value')}", value=value)


@given(some.lists(some.text(LETTERS | some.sampled_from(identity.APOSTROPHES + identity.HYPHENS)), max_size=4))
def test_folding_of_whole_columns_equals_that_of_one_text(texts: list[str]) -> None:
    column = search_texts(pl.DataFrame({"name": texts}, schema={"name": pl.String}), ["name"])
    assert column.to_list() == [identity.searchable(text) for text in texts]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("d'avila", "D’Ávila"),
        ("davila", "D’Ávila"),
        ("soren", "Søren"),
        ("o-brien", "O\u2011Brien"),
        ("strasse", "Straße"),
        ("lodz", "Łódź"),
        ("aero", "Ærø"),
        ("dordevic", "Đorđević"),
    ],
)
def test_a_search_finds_letters_apostrophes_and_hyphens_in_any_form(typed: str, stored: str) -> None:
    assert identity.searchable(typed) in identity.search_text(stored)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(Invalid, match="half a character at place 2"):
        identity.text("a\ud800", "name")
    assert identity.text("🦆", "name") == "🦆"
