"""A person's pages, requests and refusals are in their language."""

import json
from datetime import date, timedelta

from streamlit.testing.v1 import AppTest

from crm import contacts
from crm.foundation.access import SYSTEM
from crm.foundation.language import speaking
from crm.platform import process
from crm.platform.people import sessions, users
from crm.ui import words
from crm.ui.deals import movements
from tests.pages import MAIN, open_page


def speak(store, actor, code):
    with store.writing(actor) as tx:
        users.choose_language(tx, code)


def test_a_person_chooses_the_language_of_their_pages(store, team):
    page = open_page(store, "account", team.ana)
    assert page.title[0].value == "Account"
    page.selectbox(key="account-language").select("pt_BR").run()
    assert open_page(store, "account", team.ana).title[0].value == "Conta"
    assert open_page(store, "account", team.bob).title[0].value == "Account"


def test_a_window_in_the_language_before_loads_its_page_anew(store, team):
    process.use(store)
    with store.writing(SYSTEM) as tx:
        own = sessions.hashed(sessions.begin(tx, team.ana.id))
    page = AppTest.from_file(str(MAIN), default_timeout=30)
    page.user = {"session": own}
    assert page.run().title
    speak(store, team.ana, "pt_BR")
    page._finished_page_script_hash = ""  # the frame again, and not the page alone
    page.run()
    assert [json.loads(each.proto.json) for each in page.get("bidi_component")] == [{"anew": True}]
    assert not page.title
    assert not page.exception


def test_fragments_and_refusals_are_in_the_readers_language(store, team):
    speak(store, team.ana, "pt_BR")
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia", email="lia@x.com")
        contacts.create(tx, name="Bob", email="bob@x.com")
    page = open_page(store, "contact", team.ana, contact=str(lia.id))
    assert "Editar" in [each.label.strip() for each in page.button]
    page = open_page(store, "contact", team.ana, contact="99")
    assert [each.value.replace("\\", "") for each in page.error] == [
        "Não encontrado: contato. Não existe, ou você não tem acesso."
    ]


def test_lists_write_moments_and_counts_in_the_readers_way(store, team):
    with store.writing(team.ada) as tx:
        for number in range(1200):
            contacts.create(tx, name=f"Lia {number}")
    speak(store, team.ada, "pt_BR")
    said = " ".join(str(each.value) for each in open_page(store, "contacts", team.ada).main if hasattr(each, "value"))
    assert "1.200" in said


def test_the_audit_log_writes_its_moments_in_the_readers_language(store, team):
    with store.writing(team.ada) as tx:
        contacts.create(tx, name="Lia")
    speak(store, team.ada, "pt_BR")
    table = open_page(store, "settings", team.ada, section="Audit log").dataframe[0].value
    assert " de 20" in table["Quando"][0]
    assert "Registro" in table.columns


def test_days_on_cards_are_written_as_the_reader_does():
    day = date(2026, 11, 1)
    assert [words.day_of_month(day, each) for each in ("en", "pt_BR")] == ["Nov 1", "1 de nov."]
    assert [words.month_of_year(day, each) for each in ("en", "pt_BR")] == ["Nov 2026", "nov. de 2026"]


def test_days_are_typed_in_the_readers_order(store, team):
    speak(store, team.ada, "pt_BR")
    boxes = {
        actor.id: open_page(store, "forecast", actor, period="2026-01-01/2026-02-01").date_input[0]
        for actor in (team.ada, team.marta)
    }
    assert [box.proto.format for box in boxes.values()] == ["DD/MM/YYYY", "YYYY/MM/DD"]


def test_spans_and_sources_are_in_the_readers_language():
    with speaking("pt_BR"):
        assert [movements.stood(timedelta(days=days), "pt_BR") for days in (3, 22)] == ["3 dias", "22 dias"]
        assert [words.source(name) for name in ("import", "page")] == ["importação", "página"]
    assert movements.stood(timedelta(days=3), "en") == "3 days"


def test_modules_to_come_are_named_in_the_readers_language(store, team):
    speak(store, team.ada, "pt_BR")
    said = [each.value for each in open_page(store, "settings", team.ada, section="Modules").caption]
    assert any(each.endswith("Ainda não nesta versão.") for each in said)
