"""The imports page: a file, its columns, a dry run, the import; each figure as the store has it."""

import pytest
from streamlit.testing.v1 import AppTest

from crm import imports, workspace
from crm.access import Module
from tests.imports.conftest import finished
from tests.pages import open_page

CONTENT = "nome;e-mail;plano\nAna;ana@x.com;pro\nBob;nope;\n"


def test_nothing_yet(store, team):
    page = open_page(store, "imports", team.marta)
    assert not page.exception
    assert any("Nothing was imported yet" in found.value for found in page.markdown)


def test_who_may_not_import_is_told(store, team):
    page = open_page(store, "imports", team.vera)
    assert "may not import" in page.error[0].value
    assert not page.button


def test_a_file_is_mapped_by_its_words_and_tried(store, team):
    page = open_page(store, "imports", team.marta, new="contacts")
    page.file_uploader[0].upload("people.csv", CONTENT.encode("cp1252"), "text/csv").run()
    assert not page.exception
    fields = {box.label: box.value for box in page.selectbox if box.label.startswith("Field of")}
    assert fields == {"Field of nome": "name", "Field of e-mail": "email", "Field of plano": ""}
    next(button for button in page.button if button.label == "Dry run").click().run()
    assert not page.exception
    assert page.query_params["import"] == "1"
    with store.reading(team.marta) as tx:
        begun = imports.get(tx, 1)
    assert (begun.state, begun.options.dry_run) == ("queued", True)
    assert begun.options.make_companies  # what a newcomer expects of a file that names companies


def test_companies_are_not_made_while_their_module_is_off(store, team):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    page = open_page(store, "imports", team.marta, new="contacts")
    page.file_uploader[0].upload("people.csv", CONTENT.encode("cp1252"), "text/csv").run()
    next(button for button in page.button if button.label == "Dry run").click().run()
    assert not page.exception
    with store.reading(team.marta) as tx:
        assert not imports.get(tx, 1).options.make_companies


def test_a_dry_run_shows_its_figures_and_is_applied_by_one_button(store, team, bring):
    bring(team.marta, "contacts", CONTENT, dry_run=True)
    page = open_page(store, "imports", team.marta, **{"import": "1"})
    assert {metric.label: metric.value for metric in page.metric} == {
        "Rows read": "2",
        "To create": "1",
        "To update": "0",
        "Unchanged": "0",
        "To skip": "0",
        "To reject": "1",
    }
    next(button for button in page.button if button.label == "Import").click().run()
    assert not page.exception
    assert finished(store, team.marta, 1).created == 1
    again = open_page(store, "imports", team.marta, **{"import": "1"})
    assert {metric.label: metric.value for metric in again.metric}["Created"] == "1"


def test_an_update_is_shown_field_by_field(store, team, bring):
    bring(team.marta, "contacts", "name,email,city\nAna,ana@x.com,Porto\n")
    bring(team.marta, "contacts", "email,city\nana@x.com,Recife\n", on_duplicate="overwrite", dry_run=True)
    page = open_page(store, "imports", team.marta, **{"import": "2"})
    assert page.dataframe[0].value[["Field", "Now", "Then"]].values.tolist() == [["City", "Porto", "Recife"]]


def test_one_that_failed_says_why_and_leads_back_to_its_choices(store, team, bring):
    bring(team.marta, "deals", "title,created\nA,03/04/2025\n")
    page = open_page(store, "imports", team.marta, **{"import": "1"})
    assert "3 April 2025" in page.error[0].value
    next(button for button in page.button if button.label == "Change settings").click().run()
    assert not page.exception
    assert page.query_params["from"] == "1"


def test_names_in_a_file_are_never_markup(store, team):
    page = open_page(store, "imports", team.marta, new="contacts")
    page.file_uploader[0].upload("x.csv", b"**name**,email\n<script>,a@x.com\n", "text/csv").run()
    assert not page.exception
    assert not any("**name**" in found.value for found in page.markdown)


def test_a_saved_mapping_is_offered(store, team):
    with store.writing(team.marta) as tx:
        imports.save_mapping(tx, "contacts", "Shop", imports.Options(mapping={"plano": "city"}))
    page = open_page(store, "imports", team.marta, new="contacts")
    page.file_uploader[0].upload("people.csv", CONTENT.encode(), "text/csv").run()
    next(box for box in page.selectbox if box.label == "Saved mapping").select("Shop").run()
    assert not page.exception
    fields = {box.label: box.value for box in page.selectbox if box.label.startswith("Field of")}
    assert fields["Field of plano"] == "city"


@pytest.mark.parametrize(("word", "read"), [("7", 7), ("x", 0), ("²", 0), ("-1", 0), ("9" * 30, 0), ("", 0)])
def test_an_address_of_no_import_names_one_that_nobody_has(word, read):
    def script():
        import streamlit as st

        from crm.ui import address

        st.text(address.record_id("import"))

    page = AppTest.from_function(script)
    page.query_params["import"] = word
    assert page.run().text[0].value == str(read)
