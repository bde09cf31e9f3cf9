"""Texts that break programs, in every text field of contacts, companies and deals: by form, API and import alike they
come back exactly as they were given."""

import csv
import io
import json

import pytest
from markdown_it import MarkdownIt

from crm import companies, contacts, deals, imports
from crm.foundation.errors import Invalid
from crm.platform import workspace
from crm.records import attributes, notes
from crm.records.listing import ListQuery
from crm.ui import words
from tests.api.conftest import client, in_process, token
from tests.imports.conftest import begin, bring, pipeline, reasons
from tests.pages import open_page
from tests.ui.test_contact_pages import button, field

__all__ = ["begin", "bring", "client", "in_process", "pipeline", "token"]

NAUGHTY = [
    "undefined",
    "NULL",
    "None",
    "NaN",
    "true",
    "0",
    "1e309",
    "0x0",
    "0.1 + 0.2",
    "00012",
    "123456789012345678901234567890",
    "1/0",
    "-1",
    "+55 (11) hello",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "@SUM(1,1)",
    "'=1+1",
    "''=1+1",
    "'quoted'",
    '"double quoted"',
    '"',
    "'",
    "O'Neil",
    "a,b;c|d",
    "tab\tinside",
    "line\nbreak",
    "carriage\r\nreturn",
    "back\\slash",
    "\\N",
    "\\",
    "%s%d%n",
    "{0} {name} ${jndi:ldap://x} {{7*7}} <%= 1 %>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[link](javascript:alert(1)) **bold** `code` :smile: $x^2$ :red[x]",
    "'; DROP TABLE contacts; --",
    "1 OR 1=1",
    "$1 $name ?1 :name @name",
    "../../etc/passwd",
    "C:\\Windows\\System32",
    "Ação, Conceição & Müller",
    "A\u0301 decomposed, \u00c1 composed",
    "İstanbul ıI ß ẞ ﬁ",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "사회과학원",
    "مرحبا بالعالم",
    "שלום עולם",
    "नमस्ते",
    "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇧🇷",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "right\u202eto left",
    "zero\u200bwidth\u200d\ufeffjoined",
    "non\u00a0breaking\u2003em\u3000ideographic",
    "line\u2028separator\u2029paragraph",
    "bell\x07 escape\x1b[31m delete\x7f",
    "next\x85line",
    "\u00a0",
    "\ufffd replaced",
    "\ufffe not a character \uffff",
    "astral 𝒳 𐍈",
    "x" * 120,
    "é" * 120,
]
"""None begins or ends with a space or tab (those are trimmed), and none holds NUL or half a character (those are
refused); see below."""

CONTACT = ("name", "identifier", "city", "country")
COMPANY = ("name", "description")
DEAL = ("title", "identifier", "source")


def file_of(header, texts):
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([[_told(text, field, number) for field in header] for number, text in enumerate(texts)])
    return out.getvalue()


def _told(text, field, number):
    """Keys are each held once: a number tells the texts apart."""
    return f"{text}#{number}" if field == "identifier" else text


def test_contacts_keep_them_by_verb(store, team):
    for number, text in enumerate(NAUGHTY):
        given = {field: _told(text, field, number) for field in CONTACT}
        with store.writing(team.ada) as tx:
            made = contacts.create(tx, **given)
        with store.reading(team.ada) as tx:
            kept = contacts.get(tx, made.id).model_dump(include=set(CONTACT))
        assert kept == given


def test_companies_and_deals_keep_them_by_verb(store, team, pipeline):
    for number, text in enumerate(NAUGHTY):
        of_company = dict.fromkeys(COMPANY, text)
        of_deal = {field: _told(text, field, number) for field in DEAL}
        with store.writing(team.ada) as tx:
            company = companies.create(tx, **of_company)
            deal = deals.create(tx, pipeline_id=pipeline.id, **of_deal)
        assert company.model_dump(include=set(COMPANY)) == of_company
        assert deal.model_dump(include=set(DEAL)) == of_deal


@pytest.mark.parametrize(("kind", "fields"), [("contacts", CONTACT), ("companies", COMPANY)])
def test_files_bring_them_in_as_they_stand(store, team, bring, kind, fields):
    """A cell that begins with an apostrophe and a sign is one that an export has marked: it loses one apostrophe. Words
    for nothing are kept, since the import says so."""
    unmarked = [text for text in NAUGHTY if not text.startswith(("'=", "''="))]
    done = bring(team.ada, kind, file_of(fields, unmarked), keep_placeholders=True)
    assert reasons(store, team.ada, done) == []
    with store.reading(team.ada) as tx:
        kept = tx.rows(f"SELECT {', '.join(fields)} FROM {kind} ORDER BY id")
    assert [tuple(row.values()) for row in kept] == [
        tuple(_told(text, field, number) for field in fields) for number, text in enumerate(unmarked)
    ]


def test_deals_of_a_file_keep_them(store, team, bring, pipeline):
    unmarked = [text for text in NAUGHTY if not text.startswith(("'=", "''="))]
    done = bring(team.ada, "deals", file_of(DEAL, unmarked), constants={"stage": "Lead"}, keep_placeholders=True)
    assert reasons(store, team.ada, done) == []
    with store.reading(team.ada) as tx:
        kept = tx.rows("SELECT title, identifier, source FROM deals ORDER BY id")
    assert [row["title"] for row in kept] == unmarked
    assert [row["source"] for row in kept] == unmarked


def test_the_api_takes_and_gives_them(team, client):
    ada = client(team.ada)
    for number, text in enumerate(NAUGHTY):
        given = {field: _told(text, field, number) for field in CONTACT}
        made = ada.post("/contacts", content=json.dumps(given), headers={"Content-Type": "application/json"})
        assert made.status_code == 201, (text, made.text)
        found = ada.get(f"/contacts/{made.json()['id']}").json()
        assert {field: found[field] for field in CONTACT} == given


def test_each_is_found_again_by_a_search_for_itself(store, team, bring):
    asked = [text for text in NAUGHTY if "\n" not in text and len(text) < 100 and text.strip()]
    bring(team.ada, "contacts", file_of(("name",), asked), keep_placeholders=True)
    with store.reading(team.ada) as tx:
        for text in asked:
            names = [row["name"] for row in contacts.find(tx, ListQuery(search=text, limit=500)).items]
            assert text in names or text.startswith(("'=", "''=")), text


def posted(client, path, given):
    made = client.post(path, content=json.dumps(given), headers={"Content-Type": "application/json"})
    assert made.status_code == 201, (given, made.text)
    return made.json()


def test_the_api_takes_and_gives_them_in_companies_and_deals(team, client, pipeline):
    ada = client(team.ada)
    for number, text in enumerate(NAUGHTY):
        company, deal = dict.fromkeys(COMPANY, text), {name: _told(text, name, number) for name in DEAL}
        made = posted(ada, "/companies", company), posted(ada, "/deals", {**deal, "pipeline_id": pipeline.id})
        assert {name: ada.get(f"/companies/{made[0]['id']}").json()[name] for name in COMPANY} == company
        assert {name: ada.get(f"/deals/{made[1]['id']}").json()[name] for name in DEAL} == deal


def test_the_api_takes_and_gives_them_in_notes_labels_segments_and_attributes(store, team, client):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Memo", type="text")
        workspace.change(tx, segment_limit=len(NAUGHTY))
    ada = client(team.ada)
    for number, text in enumerate(NAUGHTY):
        contact = posted(ada, "/contacts", {"name": "Ana", "attributes": {"memo": text}})
        assert ada.get(f"/contacts/{contact['id']}").json()["attributes"]["memo"] == text
        if text.strip():  # a note of blanks is none
            note = posted(ada, f"/contacts/{contact['id']}/notes", {"text": text})
            assert ada.get(f"/notes/{note['id']}").json()["text"] == text
        posted(ada, "/labels", {"name": f"{text[:30]}#{number}"})
        posted(ada, "/segments", {"kind": "contacts", "name": f"{text[:30]}#{number}", "search": "ana"})
    given = sorted(f"{text[:30]}#{number}" for number, text in enumerate(NAUGHTY))
    assert sorted(label["name"] for label in ada.get("/labels").json()["items"]) == given
    assert sorted(segment["name"] for segment in ada.get("/segments").json()["items"]) == given


LINES = [text for text in NAUGHTY if "\n" not in text][::4]
"""For pages, which take longer: a box of one line takes no line break."""


def test_the_form_of_a_contact_keeps_them_and_its_page_shows_them(store, team):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Memo", type="text")
        made = contacts.create(tx, name="before")
    page = open_page(store, "contact", team.ada, contact=str(made.id))
    for text in LINES:
        button(page, "Edit").click().run()
        for label in ("Name", "Identifier", "City", "Country", "Memo"):
            field(page, label).set_value(text)
        button(page, "Save").click().run()
        assert not page.exception, text
        with store.reading(team.ada) as tx:
            kept = contacts.get(tx, made.id)
        assert [kept.name, kept.identifier, kept.city, kept.country, kept.attributes["memo"]] == [text] * 5


def test_the_forms_of_companies_deals_and_notes_keep_them(store, team, pipeline):
    with store.writing(team.ada) as tx:
        company = companies.create(tx, name="before")
        deal = deals.create(tx, title="before", pipeline_id=pipeline.id)
    of_company = open_page(store, "company", team.ada, company=str(company.id))
    of_deal = open_page(store, "deal", team.ada, deal=str(deal.id))
    for text in LINES:
        button(of_company, "Edit").click().run()
        field(of_company, "Name").set_value(text)
        button(of_company, "Save").click().run()
        button(of_deal, "Edit").click().run()
        field(of_deal, "Title").set_value(text)
        button(of_deal, "Save").click().run()
        assert not of_company.exception, text
        assert not of_deal.exception, text
        with store.reading(team.ada) as tx:
            assert companies.get(tx, company.id).name == text
            assert deals.get(tx, deal.id).title == text
    for text in LINES:
        next(area for area in of_company.text_area if area.label == "New note").set_value(text)
        button(of_company, "Add note").click().run()
        assert not of_company.exception, text
    with store.reading(team.ada) as tx:
        assert sorted(note.text for note in notes.of(tx, "company", company.id)) == sorted(LINES)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "**bold** :red[x] $x^2$", "O'Neil", "👩‍👩‍👧‍👦 مرحبا", "{{7*7}}"]
)
def test_pages_show_them_as_text(store, team, text):
    with store.writing(team.ada) as tx:
        made = contacts.create(tx, name=text, city=text)
    page = open_page(store, "contact", team.ada, contact=str(made.id))
    assert not page.exception
    assert [title.value for title in page.title] == [words.plain(text)]
    assert not any(text in shown.value for shown in page.markdown if shown.allow_html and "<script>" in text)
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, made.id).city == text


@pytest.mark.parametrize("text", ["Lia\n===", "Lia\r===", "Lia\r\n===", "Lia\r\rSouza", "Lia\r    Souza"])
def test_a_name_of_several_lines_makes_no_heading_and_no_paragraph_of_its_own(text):
    shown = MarkdownIt("commonmark").render(words.plain(text))
    assert (shown.count("<p>"), shown.count("<h1>"), "<pre>" in shown) == (1, 0, False)


def test_an_import_tells_of_them_in_its_rows(store, team, bring):
    planned = bring(team.ada, "contacts", file_of(("name", "email"), ["<b>x</b>", "=1+1"]), dry_run=True)
    with store.reading(team.ada) as tx:
        rejected = imports.outcomes(tx, planned.id, "rejected").items
    assert [fate.cells for fate in rejected] == [["<b>x</b>", "<b>x</b>"], ["=1+1", "=1+1"]]


@pytest.mark.parametrize("text", ["half \ud83d", "NUL \0 inside"])
def test_what_no_format_can_carry_is_refused_with_its_reason(store, team, text):
    with pytest.raises(Invalid, match="Remove it"), store.writing(team.ada) as tx:
        contacts.create(tx, name=text)


def test_spaces_and_tabs_around_a_text_are_trimmed_and_nothing_else_is(store, team, bring):
    bring(team.ada, "contacts", 'name,city\n" \t a \u00a0","x"\n')
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, 1).name == "a \u00a0"
