"""The imports page: a file, its columns, a dry run, the import; each figure as the store has it."""

import pytest
from streamlit.testing.v1 import AppTest

from crm import contacts, imports, objects, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.imports import Options
from crm.platform import files, workspace
from crm.records import attributes
from tests.imports.conftest import SAMPLES, finished
from tests.imports.spreadsheets import cell, ods, row
from tests.pages import open_page

CONTENT = "nome;e-mail;plano\nAna;ana@x.com;pro\nBob;nope;\n"


@pytest.fixture
def settle(store):
    """The page on which a file that was uploaded is settled; query parameters as keywords."""

    def page(actor, content: bytes | str, kind: str = "contacts", **query: str) -> AppTest:
        raw = content.encode() if isinstance(content, str) else content
        sha256, size = files.keep(store, [raw], 2**30)
        with store.writing(actor) as tx:
            upload = files.register(tx, sha256=sha256, file_name="people.csv", size=size)
        return open_page(store, "imports", actor, new=kind, upload=str(upload.id), **query)

    return page


def fields(page: AppTest) -> dict[str, str]:
    prefix = "Field of "
    return {box.label.removeprefix(prefix): box.value for box in page.selectbox if box.label.startswith(prefix)}


def box(page: AppTest, label: str):
    return next(found for found in page.selectbox if found.label == label)


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def begun(store, actor, import_id: int = 1) -> Options:
    with store.reading(actor) as tx:
        return imports.get(tx, import_id).options


def test_nothing_yet(store, team):
    page = open_page(store, "imports", team.marta)
    assert not page.exception
    assert any("Nothing was imported yet" in found.value for found in page.subheader)


def test_who_may_not_import_is_told(store, team):
    page = open_page(store, "imports", team.vera)
    assert "may not import" in page.error[0].value
    assert not page.button


def test_a_file_is_mapped_by_its_words_and_tried(store, team, settle):
    page = settle(team.marta, CONTENT.encode("cp1252"))
    assert not page.exception
    assert fields(page) == {"nome": "name", "e-mail": "email", "plano": ""}
    press(page, "Dry run")
    assert page.query_params["import"] == "1"
    with store.reading(team.marta) as tx:
        found = imports.get(tx, 1)
    assert (found.state, found.options.dry_run) == ("queued", True)
    assert found.options.make_companies  # what a newcomer expects of a file that names companies


def test_how_it_was_read_is_said_and_the_first_rows_are_shown(team, settle):
    page = settle(team.marta, "name;city\nJoão;São Paulo\n".encode("cp1252"))
    assert "Windows-1252, semicolon between cells · 2 columns" in page.caption[0].value
    assert page.dataframe[0].value.values.tolist() == [["João", "São Paulo"]]


def test_another_way_of_reading_is_shown_at_once_and_is_what_is_imported(store, team, settle):
    page = settle(team.marta, "name;city\nJoão;São Paulo\n".encode("cp1252"))
    box(page, "Encoding").select("cp850").run()
    assert "IBM850" in page.caption[0].value
    assert page.dataframe[0].value.values.tolist() != [["João", "São Paulo"]]
    press(page, "Dry run")
    assert begun(store, team.marta).encoding == "cp850"


def test_a_header_further_down_is_found_when_it_is_said(store, team, settle):
    page = settle(team.marta, "Report of May,\nname,city\nAna,Porto\n")
    page.number_input[0].set_value(2).run()
    assert fields(page) == {"name": "name", "city": "city"}
    press(page, "Dry run")
    assert finished(store, team.marta, 1).created == 1


def test_a_header_below_titles_is_found_and_empty_rows_are_none(team, settle):
    page = settle(team.marta, "Customers of May,,\nname,email,city\nAna,ana@x.com,Porto\n,,\n")
    assert fields(page) == {"name": "name", "email": "email", "city": "city"}
    assert page.dataframe[0].value.values.tolist() == [["Ana", "ana@x.com", "Porto"]]
    assert "The header was found on line 2" in page.info[0].value


def test_headers_in_humps_are_proposed_and_an_exact_name_wins(team, settle):
    page = settle(team.marta, "id,firstName,identifier,Mailing City\n7,Ana,C-7,Recife\n")
    assert fields(page) == {"id": "", "firstName": "first_name", "identifier": "identifier", "Mailing City": "city"}


def test_an_opendocument_sheet_is_shown_as_it_is_there(team, settle):
    content = ods(row(cell("name"), cell("share")), row(cell("Ana"), cell("12,5 %", "percentage", "0.125")))
    page = settle(team.marta, content)
    assert "OpenDocument, sheet “People” · 2 columns" in page.caption[0].value
    assert page.dataframe[0].value.values.tolist() == [["Ana", "12.5%"]]


def test_words_for_nothing_are_told_and_kept_on_demand_and_labels_have_their_delimiter(store, team, settle):
    page = settle(team.marta, 'name,city,labels\nAna,NULL,"VIP,News"\n')
    assert "“NULL” in 1 cell is read as nothing" in page.info[0].value
    page.checkbox(key=next(each.key for each in page.checkbox if "NULL" in each.label)).check().run()
    assert not page.info
    box(page, "Between several labels in a cell").select(",").run()
    press(page, "Dry run")
    assert (begun(store, team.marta).keep_placeholders, begun(store, team.marta).label_delimiter) == (True, ",")


def test_what_cannot_be_read_is_said_beside_the_choices_that_answer_it(team, settle):
    page = settle(team.marta, "name;city\nJoão Ação Émile;São\n".encode() + b"\xe3x;y\n")
    assert "is not UTF\\-8" in page.error[0].value
    box(page, "Encoding").select("cp1252").run()
    assert not page.error
    assert fields(page) == {"name": "name", "city": "city"}


def test_a_guessed_encoding_is_told_and_confirmed_before_anything_is_imported(store, team, settle):
    content = "name;city\nИван Петров;Казань\n".encode("cp1251")
    page = settle(team.marta, content)
    assert "The encoding is a guess\\: Windows\\-1251" in page.info[0].value
    assert page.dataframe[0].value.values.tolist() == [["Иван Петров", "Казань"]]
    press(page, "Dry run")
    finished(store, team.marta, 1)
    page.run()
    assert "The encoding is a guess" in page.info[0].value
    apply = next(found for found in page.button if found.key == "apply")
    assert apply.disabled
    page.checkbox(key="confirm-encoding").check().run()
    page.button(key="apply").click().run()
    assert finished(store, team.marta, 1).state == "done"


def test_a_guess_is_confirmed_or_another_encoding_is_chosen_among_all_that_there_are(store, team, settle):
    page = settle(team.marta, "name;city\nИван Петров;Казань\n".encode("cp1251"))
    press(page, "It is Windows-1251")
    assert not page.info
    assert box(page, "Encoding").value == "cp1251"
    assert "KOI8-R (Cyrillic)" in box(page, "Encoding").options
    box(page, "Encoding").select("koi8-r").run()
    assert page.dataframe[0].value.values.tolist() != [["Иван Петров", "Казань"]]
    press(page, "Dry run")
    assert begun(store, team.marta).encoding == "koi8-r"


def test_a_known_export_is_named_and_its_spare_columns_fill_in(store, team, settle):
    page = settle(team.marta, (SAMPLES / "outlook-contacts-portuguese.csv").read_bytes())
    assert "**Outlook contacts** (Portuguese)" in page.caption[0].value
    page = press(page, "Dry run")
    assert begun(store, team.marta).constants["phone"] == "{Telefone comercial}|{Telefone residencial}"
    assert finished(store, team.marta, 1).created == 3


def test_an_export_of_another_kind_offers_to_be_imported_as_what_it_is(team, settle):
    page = settle(team.marta, (SAMPLES / "hubspot-deals-english.csv").read_bytes())
    press(page, "Import as deals")
    assert page.query_params["new"] == "deals"
    assert fields(page)["Deal Stage"] == "stage"


def test_an_attribute_is_made_of_a_column_with_the_type_its_cells_show(store, team, settle):
    page = settle(team.ada, "name,Renewal\nAna,31/12/2026\nBob,01/02/2027\n")
    box(page, "Field of Renewal").select("new attribute").run()
    assert box(page, "Type of Renewal").value == "date"
    press(page, "Dry run")
    assert begun(store, team.ada).new_attributes == {"Renewal": "date"}
    finished(store, team.ada, 1)
    page = press(open_page(store, "imports", team.ada, **{"import": "1"}), "Import 2 rows")
    assert finished(store, team.ada, 1).created == 2
    with store.reading(team.ada) as tx:
        assert attributes.values(tx, "contact", 1)["renewal"].isoformat() == "2026-12-31"


def test_two_columns_for_one_field_are_refused_before_anything_is_tried(team, settle):
    page = settle(team.marta, "name,city\nAna,Porto\n")
    box(page, "Field of city").select("name").run()
    assert "both mapped" in page.error[0].value
    assert next(button for button in page.button if button.label == "Dry run").disabled


def test_dates_that_can_be_read_in_two_ways_are_asked_about_beside_their_column(store, team, settle, pipeline):
    page = settle(team.marta, "title,created\nA,03/04/2025\n", kind="deals")
    assert "can be read in two ways" in page.warning[0].value
    box(page, "Dates of created").select("%d/%m/%Y").run()
    assert not page.warning
    press(page, "Dry run")
    assert begun(store, team.marta).date_patterns == {"created": "%d/%m/%Y"}
    assert finished(store, team.marta, 1).created == 1


def test_a_file_of_many_columns_is_shown_a_page_at_a_time(team, settle):
    header = ["name", "email", *(f"column {place}" for place in range(60))]
    page = settle(team.marta, ",".join(header) + "\n" + ",".join(["x"] * 62) + "\n")
    assert list(fields(page)) == ["name", "email"]
    page.segmented_control[1].set_value("Left out").run()
    assert len(fields(page)) == 25
    assert not page.exception


def test_companies_are_not_made_while_their_module_is_off(store, team, settle):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    press(settle(team.marta, CONTENT), "Dry run")
    assert not begun(store, team.marta).make_companies


def test_a_dry_run_shows_its_figures_and_is_applied_by_one_button(store, team, bring):
    bring(team.marta, "contacts", CONTENT, dry_run=True)
    page = open_page(store, "imports", team.marta, **{"import": "1"})
    assert {metric.label: metric.value for metric in page.metric} == {
        "Rows read": "2",
        "To create": "1",
        "To update": "0",
        "Unchanged": "0",
        "To skip": "0",
        "Conflicts": "0",
        "To reject": "1",
    }
    press(page, "Import 1 row")
    assert finished(store, team.marta, 1).created == 1
    again = open_page(store, "imports", team.marta, **{"import": "1"})
    assert {metric.label: metric.value for metric in again.metric}["Created"] == "1"


def test_an_update_is_shown_field_by_field(store, team, bring):
    bring(team.marta, "contacts", "name,email,city\nAna,ana@x.com,Porto\n")
    bring(team.marta, "contacts", "email,city\nana@x.com,Recife\n", on_duplicate="overwrite", dry_run=True)
    page = open_page(store, "imports", team.marta, **{"import": "2"})
    assert page.dataframe[0].value[["Contact", "Field", "Before", "After"]].values.tolist() == [
        ["/contact?contact=1#Ana", "City", "Porto", "Recife"]
    ]


def test_rows_of_an_outcome_are_paged_searched_and_filtered(store, team, bring):
    rows = "".join(f"Person {number:03},{'Recife' if number % 2 else ''}\n" for number in range(120))
    bring(team.marta, "contacts", f"name,city\n{rows}", dry_run=True)
    page = open_page(store, "imports", team.marta, **{"import": "1"}, page="3")
    assert page.dataframe[0].value["Name"].tolist()[0] == "Person 100"
    assert "101–120 of 120 rows" in [caption.value for caption in page.caption]
    page = open_page(store, "imports", team.marta, **{"import": "1"}, q="person 007")
    assert page.dataframe[0].value["Name"].tolist() == ["Person 007"]
    page = open_page(store, "imports", team.marta, **{"import": "1"}, field="city")
    assert "1–50 of 60 rows" in [caption.value for caption in page.caption]
    page = open_page(store, "imports", team.marta, **{"import": "1"}, q="nobody at all")
    assert "No row matches." in [caption.value for caption in page.caption]


def test_rejected_rows_are_repaired_in_the_page_and_tried_again(store, team, bring):
    content = "name;email;since\nAna;ana@x.com;03/04/2025\nBob;nope;13/04/2025\nEva;bad;\n"
    bring(team.ada, "contacts", content, new_attributes={"since": "date"}, mapping={"since": "attribute:since"})
    page = open_page(store, "imports", team.ada, **{"import": "1"}, outcome="rejected")
    assert not page.exception
    grid = "repair-grid-1-rejected---"
    page.session_state["repair-1"] = {3: ["Bob", "bob@x.com", "03/04/2025"]}
    page.run()
    assert grid in page.session_state
    press(page, "Try 1 row again")
    assert page.query_params["import"] == "2"
    tried = finished(store, team.ada, 2)
    assert (tried.state, tried.created, tried.rejected) == ("planned", 1, 0)
    assert tried.file_name == "contacts (repaired).csv"
    assert tried.found["date_patterns"] == {"attribute:since": "%d/%m/%Y"}  # as the whole file decided


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_row_that_closes_a_won_deal_on_another_day_says_so(store, team, bring, pipeline, dry_run):
    bring(team.marta, "deals", "identifier,title,stage,closed\nD-1,Parts,Won,2025-03-05\n")
    bring(team.marta, "deals", "identifier,closed\nD-1,2025-03-04\n", on_duplicate="overwrite", dry_run=dry_run)
    page = open_page(store, "imports", team.marta, **{"import": "2"}, outcome="rejected")
    assert not page.exception
    because = "The deal was won on 2025-03-05, not on 2025-03-04. Open it again to close it on another day."
    assert page.dataframe[0].value.values.tolist() == [[2, because, "D-1", "2025-03-04"]]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_row_says_why_a_deal_was_lost_and_no_open_one(store, team, bring, pipeline, dry_run):
    bring(team.marta, "deals", "identifier,title,stage,closed\nD-1,Parts,Lost,2025-03-05\nD-2,Bolts,Lead,\n")
    content = "identifier,close_reason\nD-1,Price\nD-2,Price\n"
    bring(team.marta, "deals", content, on_duplicate="overwrite", dry_run=dry_run)
    updated = open_page(store, "imports", team.marta, **{"import": "2"}, outcome="updated")
    changes = updated.dataframe[0].value[["Field", "Before", "After"]].values.tolist()
    assert changes == [["Won or lost reason", "–", "Price"]]
    rejected = open_page(store, "imports", team.marta, **{"import": "2"}, outcome="rejected")
    because = "The deal is in an open stage and has a reason why it closed."
    assert rejected.dataframe[0].value.values.tolist() == [[3, because, "D-2", "Price"]]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_row_with_both_days_of_an_open_deal_says_so(store, team, bring, pipeline, dry_run):
    bring(team.marta, "deals", "identifier,title\nD-1,Parts\n")
    content = "identifier,closed,expected_close\nD-1,2025-03-05,2025-03-31\n"
    bring(team.marta, "deals", content, on_duplicate="overwrite", dry_run=dry_run)
    page = open_page(store, "imports", team.marta, **{"import": "2"}, outcome="rejected")
    because = "The deal is in an open stage and has a day on which it closed."
    assert page.dataframe[0].value.values.tolist() == [[2, because, "D-1", "2025-03-05", "2025-03-31"]]


@pytest.mark.parametrize("dry_run", [True, False])
def test_only_a_new_deal_is_asked_for_its_pipeline(store, team, bring, pipeline, dry_run):
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Due"])
    bring(team.marta, "deals", "identifier,title,pipeline\nD-1,Parts,Sales\n")
    content = "identifier,title\nD-1,Bolts\nD-2,Rings\n"
    bring(team.marta, "deals", content, on_duplicate="overwrite", dry_run=dry_run)
    updated = open_page(store, "imports", team.marta, **{"import": "2"}, outcome="updated")
    assert updated.dataframe[0].value[["Field", "Before", "After"]].values.tolist() == [["Title", "Parts", "Bolts"]]
    rejected = open_page(store, "imports", team.marta, **{"import": "2"}, outcome="rejected")
    because = "There are several pipelines: say which one, by a column or a constant."
    assert rejected.dataframe[0].value.values.tolist() == [[3, because, "D-2", "Rings"]]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_row_that_names_another_pipeline_is_asked_for_its_stage(store, team, bring, pipeline, dry_run):
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Due"])
    bring(team.marta, "deals", "identifier,title,pipeline\nD-1,Parts,Sales\n")
    bring(team.marta, "deals", "identifier,pipeline\nD-1,Renewals\n", on_duplicate="overwrite", dry_run=dry_run)
    page = open_page(store, "imports", team.marta, **{"import": "2"}, outcome="rejected")
    because = "The deal is in the pipeline “Sales”: in another one it needs a stage too."
    assert page.dataframe[0].value.values.tolist() == [[2, because, "D-1", "Renewals"]]


def test_an_import_is_taken_back_after_its_preview_was_seen(store, team, bring):
    bring(team.marta, "contacts", "name,email,city\nAna,ana@x.com,Porto\n")
    bring(
        team.marta,
        "contacts",
        "name,email,city\n,ana@x.com,Recife\nBob,bob@x.com,\nEva,eva@x.com,\n",
        on_duplicate="overwrite",
    )
    with store.writing(team.marta) as tx:
        contacts.edit(tx, 3, version=1, city="Lisboa")
    page = press(open_page(store, "imports", team.marta, **{"import": "2"}), "Undo import")
    told = " ".join(found.value for found in page.markdown)
    assert "**1** contact it created is deleted" in told
    assert "**1** contact it updated is put back" in told
    assert "**1** contact was touched since and stays" in told
    assert "Eva" in told
    page.button(key="confirm-undo").click().run()
    assert not page.exception
    undone = finished(store, team.marta, 2)
    assert (undone.state, undone.undone["left"]) == ("undone", 1)
    page = open_page(store, "imports", team.marta, **{"import": "2"})
    assert {metric.label: metric.value for metric in page.metric} == {
        "Deleted": "1",
        "Put back": "1",
        "Companies deleted": "0",
        "Left as they are": "1",
    }
    assert page.dataframe[0].value["Contact"].tolist() == ["/contact?contact=3#Eva"]


def test_what_was_done_is_listed_with_the_way_to_each_record(store, team, bring):
    bring(team.marta, "contacts", "name,city\nAna,Porto\n")
    page = open_page(store, "imports", team.marta, **{"import": "1"})
    assert page.dataframe[0].value.to_dict("list") == {
        "Line": [2],
        "Contact": ["/contact?contact=1#Ana"],
        "City": ["Porto"],
    }


def test_a_value_that_a_list_does_not_have_is_added_where_that_is_chosen(store, team, settle):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Plan", type="list")
    page = settle(team.ada, "name,Plan\nAna,pro\n")
    unknown = page.pills[0]
    assert "Add the value to its list" in unknown.options
    unknown.set_value([*unknown.value, "new_list_values"]).run()
    press(page, "Dry run")
    assert begun(store, team.ada).new_list_values
    assert finished(store, team.ada, 1).rejected == 0


def test_older_imports_are_a_page_away(store, team, bring, monkeypatch):
    monkeypatch.setattr("crm.ui.imports.listing.ROWS", 2)
    for _ in range(3):
        bring(team.marta, "contacts", "name\nAna\n", dry_run=True)
    page = press(open_page(store, "imports", team.marta), "Older")
    assert page.query_params["before"] == "2"
    assert not any(button.label == "Older" for button in page.button)
    press(page, "Newest")
    assert "before" not in page.query_params


def test_an_import_that_one_may_not_see_is_said_not_to_be_there(store, team, bring, importer):
    bring(team.ada, "contacts", "name\nAna\n", dry_run=True)
    page = open_page(store, "imports", importer(), **{"import": "1"})
    assert not page.exception
    assert "no such import" in page.error[0].value


def test_one_that_failed_says_why_and_leads_back_to_its_choices(store, team, bring):
    bring(team.marta, "deals", "title,created\nA,03/04/2025\n")
    page = open_page(store, "imports", team.marta, **{"import": "1"})
    assert "3 April 2025" in page.error[0].value
    press(page, "Change settings")
    assert page.query_params["from"] == "1"


def test_names_in_a_file_are_never_markup(team, settle):
    page = settle(team.marta, "**name**,email\n<script>,a@x.com\n")
    assert not page.exception
    assert not any("**name**" in found.value for found in page.markdown)


def test_a_saved_mapping_is_taken_by_itself_where_the_columns_are_the_same(store, team, settle):
    chosen = {"nome": "name", "e-mail": "email", "plano": "city"}
    with store.writing(team.marta) as tx:
        imports.save_mapping(tx, "contacts", "Shop", Options(mapping=chosen))
    page = settle(team.marta, CONTENT)
    assert box(page, "Saved mapping").value == "Shop"
    assert fields(page)["plano"] == "city"
    box(page, "Saved mapping").select("").run()
    assert fields(page)["plano"] == ""


def test_a_saved_mapping_is_chosen_for_a_file_of_other_columns(store, team, settle):
    with store.writing(team.marta) as tx:
        imports.save_mapping(tx, "contacts", "Shop", Options(mapping={"plano": "city"}))
    page = settle(team.marta, CONTENT)
    assert box(page, "Saved mapping").value == ""
    box(page, "Saved mapping").select("Shop").run()
    assert not page.exception
    assert fields(page) == {"nome": "name", "e-mail": "email", "plano": "city"}


def test_a_mapping_is_saved_renamed_and_deleted_from_the_page(store, team, settle):
    page = settle(team.marta, CONTENT)
    next(found for found in page.text_input if found.label == "Name").set_value("Shop").run()
    press(page, "Save")
    next(found for found in page.text_input if found.value == "Shop").set_value("Fair").run()
    press(page, "Rename")
    with store.reading(team.marta) as tx:
        assert list(imports.mappings(tx, "contacts")) == ["Fair"]
    press(page, "Delete")
    with store.reading(team.marta) as tx:
        assert imports.mappings(tx, "contacts") == {}


@pytest.mark.parametrize(("word", "read"), [("7", 7), ("x", 0), ("²", 0), ("-1", 0), ("9" * 30, 0), ("", 0)])
def test_an_address_of_no_import_names_one_that_nobody_has(word, read):
    def script():
        import streamlit as st

        from crm.ui.components import address

        st.text(address.record_id("import"))

    page = AppTest.from_function(script)
    page.query_params["import"] = word
    assert page.run().text[0].value == str(read)


def test_the_list_tells_what_was_done_from_what_would_be(store, team, bring):
    bring(team.marta, "contacts", "name\nAna\n")
    bring(team.marta, "contacts", "name\nBob\nCid\n", dry_run=True)
    said = [found.value for found in open_page(store, "imports", team.marta).caption]
    assert "1 row · 1 created" in said
    assert "2 rows · 2 to create" in said


def test_records_of_ones_own_that_a_file_of_contacts_names_are_proposed_by_the_name_of_their_type(store, team, settle):
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        objects.create(tx, singular="Course", plural="Courses")
    page = settle(team.marta, "Name,Course,Course: linked on\nLia,Chess;Go,01/02/2026\n")
    assert not page.exception
    assert fields(page) == {"Name": "name", "Course": "course_linked", "Course: linked on": "course_linked_on"}
    assert "Course (linked)" in box(page, "Field of Course").options
