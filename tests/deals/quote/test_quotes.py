"""Quotes: numbered, kept as they were handed out, and printed so that nothing is lost."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from crm import catalog, companies, contacts, deals
from crm.catalog import Product
from crm.deals import Deal, quote
from crm.deals.quote import Quote
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.foundation.language import speaking, tr
from crm.platform import letterhead, workspace
from crm.store import Store
from tests.people import Team
from tests.pictures import png


@pytest.fixture
def quoted(store: Store, team: Team, chairs: Deal, lamp: Product) -> Quote:
    """Two lamps less 10 %, and a delivery, for Caio of Lanterna."""
    with store.writing(team.ana) as tx:
        caio = contacts.create(tx, name="Caio Assunção", email="caio@example.com")
        lanterna = companies.create(tx, name="Lanterna & Filhos")
        deals.edit(tx, chairs.id, contact_id=caio.id, company_id=lanterna.id)
        quote.add(tx, chairs.id, product_id=lamp.id, quantity=2, discount_kind="percent", discount=10)
        quote.add(tx, chairs.id, name="Delivery", unit_price="1030.5")
        return quote.issue(tx, chairs.id, valid_days=15, note="Payable in 30 days.")


def text(printed: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(printed)).pages)


def example(**changes: Any) -> Quote:
    line = {"sku": None, "quantity": 1, "unit_price": 1, "discount_kind": None, "discount": 0, "total": 1}
    lines = [line | given for given in changes.pop("lines", [{"name": "Chair"}])]
    return Quote(
        **{
            "id": 1,
            "deal_id": 1,
            "number": 7,
            "title": "Chairs",
            "contact_name": None,
            "company_name": None,
            "currency": "BRL",
            "lines": lines,
            "total": len(lines),
            "note": None,
            "issued_on": date(2026, 11, 27),
            "valid_until": date(2026, 12, 27),
            "issued_by_name": "Ana",
            "issued_at": "2026-11-27T12:00:00Z",
        }
        | changes
    )


def test_quotes_are_numbered_over_the_workspace(store: Store, team: Team, chairs: Deal, quoted: Quote) -> None:
    with store.writing(team.marta) as tx:
        other = deals.create(tx, title="Desks", pipeline_id=chairs.pipeline_id)
        quote.add(tx, other.id, name="Desk", unit_price=1)
        assert quote.issue(tx, other.id).number == 2
        assert quote.issue(tx, chairs.id).number == 3
        assert [one.number for one in quote.issued(tx, chairs.id)] == [3, 1]


def test_a_quote_keeps_what_was_handed_out(
    store: Store, team: Team, chairs: Deal, lamp: Product, quoted: Quote
) -> None:
    with store.writing(team.marta) as tx:
        catalog.edit(tx, lamp.id, name="Lamp", prices={"BRL": 1})
        for line in quote.of(tx, chairs.id).items:
            quote.remove(tx, chairs.id, line.id)
    with store.reading(team.marta) as tx:
        assert quote.get_quote(tx, chairs.id, quoted.id) == quoted
    assert (quoted.number, quoted.total, quoted.currency) == (1, Decimal("1390.32"), "BRL")
    assert [line.name for line in quoted.lines] == ["Reading lamp", "Delivery"]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("valid_days", {"valid_days": -1}),
        ("valid_days", {"valid_days": 99_999}),
        ("valid_until", {"valid_until": date(2020, 1, 1)}),
        ("valid_until", {"valid_days": 1, "valid_until": date(2999, 1, 1)}),
        ("note", {"note": "x" * 2001}),
    ],
)
def test_a_quote_that_makes_no_sense_is_refused(
    store: Store, team: Team, chairs: Deal, quoted: Quote, field: str, given: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused, store.writing(team.ana) as tx:
        quote.issue(tx, chairs.id, **given)
    assert refused.value.field == field


def test_a_deal_without_lines_has_nothing_to_quote(store: Store, team: Team, chairs: Deal) -> None:
    with pytest.raises(Invalid, match="no lines to quote"), store.writing(team.ana) as tx:
        quote.issue(tx, chairs.id)


@pytest.mark.parametrize("who", ["rui", "vera"])
def test_who_may_not_change_deals_reads_quotes_and_makes_none(
    store: Store, team: Team, chairs: Deal, quoted: Quote, who: str
) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, who)) as tx:
        quote.issue(tx, chairs.id)
    with store.reading(getattr(team, who)) as tx:
        assert quote.issued(tx, chairs.id) == [quoted]


def test_a_quote_of_a_deal_that_one_may_not_see_is_not_there(
    store: Store, team: Team, chairs: Deal, quoted: Quote
) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
    with store.reading(team.bob) as tx:
        for look in (quote.issued, lambda tx, deal_id: quote.get_quote(tx, deal_id, quoted.id)):
            with pytest.raises(NotFound):
                look(tx, chairs.id)
        assert tx.rows("SELECT * FROM quotes") == []


def test_a_quote_is_valid_for_30_days_unless_told(store: Store, team: Team, chairs: Deal, quoted: Quote) -> None:
    with store.writing(team.ana) as tx:
        assert quoted.valid_until == tx.today + timedelta(days=15)
        assert quote.issue(tx, chairs.id).valid_until == tx.today + timedelta(days=30)
        assert quote.issue(tx, chairs.id, valid_until=tx.today).valid_until == tx.today


def test_the_print_says_who_for_whom_what_and_how_much(quoted: Quote) -> None:
    found = text(quote.printed(quoted, "Móveis São José", "en"))
    for part in (
        "Móveis São José",
        "Quote 1",
        "Chairs",
        "Caio Assunção, Lanterna & Filhos",
        "Reading lamp",
        "LAMP-1",
        "R$199.90",
        "10 %",
        "R$359.82",
        "Delivery",
        "R$1,430.30",
        "-R$39.98",
        "R$1,390.32",
        "Payable in 30 days.",
        "page 1 of 1",
    ):
        assert part in found, part
    assert "?" not in found


def test_the_print_speaks_the_language_of_who_makes_it(quoted: Quote) -> None:
    found = text(quote.printed(quoted, "Móveis", "pt_BR")).replace("\xa0", " ")
    with speaking("pt_BR"):
        words = [tr("Quote {number}", number=1), tr("Valid until"), tr("Unit price")]
    for part in (*words, "R$ 1.390,32"):
        assert part in found, part


def test_300_lines_go_over_pages_and_none_is_left_out() -> None:
    names = [f"Line number {n} " + "with a long name " * (n % 7) for n in range(300)]
    printed = quote.printed(example(lines=[{"name": name} for name in names]), "Mallard", "en")
    pages = [page.extract_text() for page in PdfReader(BytesIO(printed)).pages]
    assert len(pages) > 5
    assert all("Unit price" in page for page in pages[:-1])
    whole = "\n".join(pages)
    assert all(f"Line number {n} " in whole for n in range(300))
    assert f"page {len(pages)} of {len(pages)}" in whole


def test_one_word_longer_than_its_column_is_broken_and_not_lost() -> None:
    found = text(quote.printed(example(lines=[{"name": "W" * 500}]), "Mallard", "en"))
    assert found.count("W") == 500


def test_latin_scripts_are_printed_in_the_products_typeface() -> None:
    latin = "Żółć, Ðæ þing, Řeřicha, İğne, Œuvre, ẞ, ŵ, € ₹ – “x” …"
    found = text(quote.printed(example(lines=[{"name": latin}], title="Cafe\u0301"), "Mallard", "en"))
    assert latin in found
    assert "Café" in found
    assert "cannot be printed" not in found


def test_other_scripts_are_printed_and_what_no_font_has_leaves_a_mark_and_a_note() -> None:
    names = ["田中 Ducks 🦆", "Утка Ελλάδα", "मल्लार्ड", "เป็ด", "ברווז", "한국"]
    printed = quote.printed(example(lines=[{"name": name} for name in names], note="𒀀"), "مؤسسة", "en")
    found = text(printed)
    for part in ("田中", "Ducks", "🦆", "Утка Ελλάδα", "เป็ด", "한국", "ברווז", "ؤسس"):  # joined letters
        assert part in found, part
    assert "“?” stands for characters that cannot be printed here" in found
    assert len(printed) < 200_000  # a font of Chinese alone has 30 MB


def test_a_quote_that_cannot_be_printed_gets_no_number(store: Store, team: Team, chairs: Deal, quoted: Quote) -> None:
    with pytest.raises(Invalid, match="can print “𒀀”"), store.writing(team.ana) as tx:
        quote.issue(tx, chairs.id, note="Payable in 𒀀, 日本語 or Русский")
    with store.writing(team.ana) as tx:
        assert quote.issue(tx, chairs.id, note="日本語").number == quoted.number + 1


def test_no_amount_is_broken_within_however_long_it_is() -> None:
    lines = [
        {"name": "Chair " * 40, "quantity": "1000000.25", "unit_price": "12345678.1234", "total": "99999999999999.99"}
        | {"discount_kind": "fixed", "discount": "99999999.99"}
    ]
    found = text(quote.printed(example(lines=lines, total="99999999999999.99"), "Mallard", "en"))
    for part in ("1,000,000.25", "R$12,345,678.1234", "R$99,999,999,999,999.99"):
        assert part in found, part
    assert found.count("R$99,999,999,999,999.99") == 2


LETTERHEAD = {"address": "Rua das Flores 12\r\nLisboa", "tax_id": "PT 501 442 600", "terms": "Payable in 14 days."}


def test_a_quote_keeps_the_letterhead_it_was_made_with(store: Store, team: Team, chairs: Deal, quoted: Quote) -> None:
    with store.writing(team.ada) as tx:
        first = letterhead.change(tx, **LETTERHEAD, logo=png(400, 100))
        assert letterhead.change(tx, tax_id=" PT 501 442 600 ") == first
    with store.writing(team.ana) as tx:
        made = quote.issue(tx, chairs.id)
    with store.writing(team.ada) as tx:
        letterhead.change(tx, address="Elsewhere", logo=None)
    with store.reading(team.ana) as tx:
        kept, before = (letterhead.get(tx, one.letterhead_id) for one in (made, quoted))
        assert (letterhead.in_use(tx).address, letterhead.in_use(tx).logo) == ("Elsewhere", None)
        assert quote.get_quote(tx, chairs.id, made.id) == made
    assert before == letterhead.BLANK
    printed = quote.printed(made, "Móveis", "en", kept)
    for part in ("Rua das Flores 12\nLisboa", "Tax id: PT 501 442 600", "Terms\nPayable in 14 days."):
        assert part in text(printed), part
    assert len(PdfReader(BytesIO(printed)).pages[0].images) == 1
    assert printed == quote.printed(made, "Móveis", "en", kept)
    assert "Terms" not in text(quote.printed(quoted, "Móveis", "en", before))


@pytest.mark.parametrize("field", ["address", "tax_id", "terms"])
def test_a_letterhead_is_of_those_who_manage_settings_and_of_a_size(store: Store, team: Team, field: str) -> None:
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        letterhead.change(tx, **{field: "x"})
    with pytest.raises(Invalid) as refused, store.writing(team.ada) as tx:
        letterhead.change(tx, **{field: "x" * 5000})
    assert field.replace("_", " ") in str(refused.value)


@pytest.mark.parametrize(
    "odd",
    ["\u202eabc", "\x07bell", "a\u200bb\ufeff", "\ud7ff\ufffd\U0010fffd", "a\tb\nc", "{nb} **x** %s"],
)
def test_no_character_that_can_be_typed_breaks_the_print(odd: str) -> None:
    lines = [{"name": odd, "sku": odd}, {"name": "After"}]
    found = text(quote.printed(example(lines=lines, title=odd, note=odd, contact_name=odd), odd, "en"))
    assert "After" in found


def test_an_erased_customer_leaves_the_quote_without_their_name(store: Store, team: Team, quoted: Quote) -> None:
    with store.writing(SYSTEM) as tx:
        from crm.privacy.erasing import removal

        contact_id = tx.value("SELECT contact_id FROM base.quotes")
        removal.unlink(tx, "contact", [contact_id])
        removal.remove(tx, "contact", [contact_id])
    with store.reading(team.ana) as tx:
        [left] = quote.issued(tx, quoted.deal_id)
    assert (left.contact_name, left.total) == (None, quoted.total)
