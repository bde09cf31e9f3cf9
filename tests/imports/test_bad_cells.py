"""A cell that cannot be read need not lose its row; a cell of two emails, or a number with an extension, is read."""

import pytest
from typer.testing import CliRunner

from crm import imports, pipelines
from crm.cli import app
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid
from crm.imports import Options
from crm.imports.applying import outcome_files
from crm.imports.planning.split_cells import emails, phones
from crm.platform import files
from crm.records import attributes
from tests.imports.conftest import counts, finished, reasons, rows
from tests.pages import open_page

PEOPLE = "name,email,phone\nAna,ana@p.example,(304) 555-0184\nBob,nope,(858) 555-0143 x66286\nEva,eva@p.example,12\n"


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("Ana <ana@x.com>", ("ana@x.com", [])),
        ('"Prado, Lia" <lia@x.com>', ("lia@x.com", [])),
        ("O'Brien <o'brien@x.com>", ("o'brien@x.com", [])),
        ("mailto:ana@x.com?subject=Hi", ("ana@x.com", [])),
        ("ana@x.com; bob@x.com", ("ana@x.com", ["bob@x.com"])),
        ("ana@x.com / bob@x.com, ana@x.com", ("ana@x.com", ["bob@x.com"])),
        ("Ana <ana@x.com>, Bob <bob@x.com>", ("ana@x.com", ["bob@x.com"])),
        ("bob smith@x.com", None),
        ("ana @x.com", None),
        ("nobody", None),
    ],
)
def test_the_addresses_of_a_cell(cell, parts):
    assert emails(cell) == parts


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("(858) 555-0143 x66286", ("(858) 555-0143", ["ext. 66286"])),
        ("+1 858 555 0143 ext. 12", ("+1 858 555 0143", ["ext. 12"])),
        ("(11) 3333-4444 ramal 21", ("(11) 3333-4444", ["ext. 21"])),
        ("858-555-0143;ext=7", ("858-555-0143", ["ext. 7"])),
        ("858-555-0143 #7", ("858-555-0143", ["ext. 7"])),
        ("11 98765-4321 / 11 3333-4444", ("11 98765-4321", ["11 3333-4444"])),
        ("11 98765-4321", None),
        ("#12", None),
    ],
)
def test_the_numbers_of_a_cell(cell, parts):
    assert phones(cell) == parts


def unread(store, actor, found):
    with store.reading(actor) as tx:
        page = imports.unread(tx, found.id)
    assert page.total == found.found["unread_cells"] == len(page.items)
    return [(one.line, one.field, one.reason) for one in page.items]


def test_by_choice_of_the_column_a_bad_cell_is_left_empty_and_listed(store, team, bring):
    done = bring(team.marta, "contacts", PEOPLE, region="US", bad_cells={"phone": "empty"})
    assert counts(done) == (2, 0, 0, 0, 1)
    assert [line for line, _ in reasons(store, team.marta, done)] == [3]
    assert rows(store, SYSTEM, "SELECT name, phone FROM base.contacts ORDER BY name") == [
        ("Ana", "+13045550184"),
        ("Eva", None),
    ]
    [(line, field, reason)] = unread(store, team.marta, done)
    assert (line, field, "phone number" in reason) == (4, "phone", True)
    with store.reading(team.marta) as tx:
        text = imports.unread_csv(tx, done.id).decode("utf-8-sig")
    assert text.startswith("unread_line,unread_field,unread_reason,name,email,phone\r\n4,phone,")
    assert text.endswith(",Eva,eva@p.example,12\r\n")


def test_for_every_column_at_once_and_what_a_row_needs_it_still_needs(store, team, bring):
    content = "name,email\nBob,nope\n,nope\n"
    done = bring(team.marta, "contacts", content, bad_cells={"*": "empty"})
    assert counts(done) == (1, 0, 0, 0, 1)
    assert [found[:2] for found in unread(store, team.marta, done)] == [(2, "email")]


def test_dates_amounts_lists_and_owners_are_left_empty_too(store, team, bring, pipeline):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Plan", type="list", values=["Pro"])
    content = "title,value,expected close,owner,plan\nA,1200,2026-12-31,Nobody,Pro\nB,abc,soon,,Gold\n"
    done = bring(team.ada, "deals", content, bad_cells={"*": "empty"})
    assert (reasons(store, team.ada, done), done.created) == ([], 2)
    assert [found[:2] for found in unread(store, team.ada, done)] == [
        (2, "owner"), (3, "attribute:plan"), (3, "expected_close"), (3, "value"),
    ]  # fmt: skip


STAGES = (
    "identifier,title,pipeline,stage\nD-1,A,Sales,Nowhere\nD-2,B,Nothing,Proposal\nD-3,C,Nothing,Nowhere\nD-4,D,,\n"
)


def standing(store):
    """title, pipeline and stage of every deal."""
    return rows(
        store,
        SYSTEM,
        """
        SELECT deal.title, pipeline.name AS pipeline, stage.name AS stage
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        JOIN base.pipelines AS pipeline ON pipeline.id = stage.pipeline_id
        ORDER BY deal.identifier
        """,
    )


def test_stages_and_pipelines_that_are_unknown_are_left_empty_as_an_empty_cell_is(store, team, bring, pipeline):
    refused = bring(team.marta, "deals", STAGES, bad_cells={"stage": "empty"}, dry_run=True)
    assert [line for line, _ in reasons(store, team.marta, refused)] == [3, 4]
    assert [found[:2] for found in unread(store, team.marta, refused)] == [(2, "stage")]
    done = bring(team.marta, "deals", STAGES, bad_cells={"*": "empty"})
    assert counts(done) == (4, 0, 0, 0, 0)
    assert unread(store, team.marta, done) == [
        (2, "stage", "The pipeline “Sales” has no stage “Nowhere”."),
        (3, "pipeline", "There is no pipeline “Nothing”."),
        (4, "pipeline", "There is no pipeline “Nothing”."),
        (4, "stage", "The pipeline “Sales” has no stage “Nowhere”."),
    ]
    assert standing(store) == [
        ("A", "Sales", "Lead"),
        ("B", "Sales", "Proposal"),
        ("C", "Sales", "Lead"),
        ("D", "Sales", "Lead"),
    ]
    with store.reading(team.marta) as tx:
        text = imports.unread_csv(tx, done.id).decode("utf-8-sig")
    assert "3,pipeline,There is no pipeline “Nothing”.,D-2,B,Nothing,Proposal\r\n" in text


def test_a_deal_whose_stage_is_left_empty_stays_where_it_is(store, team, bring, pipeline):
    bring(team.marta, "deals", "identifier,title,stage\nD-1,A,Proposal\n")
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Service", ["New"])
    content = "identifier,title,pipeline,stage\nD-1,Other,Nothing,Nowhere\nD-2,B,Nothing,\n"
    done = bring(team.marta, "deals", content, bad_cells={"*": "empty"}, on_duplicate="overwrite")
    assert counts(done) == (0, 1, 0, 0, 1)
    assert standing(store) == [("Other", "Sales", "Proposal")]
    assert [found[:2] for found in unread(store, team.marta, done)] == [(2, "pipeline"), (2, "stage")]
    # A new deal needs one of several pipelines, as it does where the cell is empty.
    [(line, reason)] = reasons(store, team.marta, done)
    assert (line, "several pipelines" in reason) == (3, True)


def test_the_last_open_stage_of_a_closed_deal_is_left_empty_too(store, team, bring, pipeline):
    content = "title,stage,closed,phase\nA,Won,2025-03-31,Nowhere\n"
    mapping = {"phase": "last_open_stage"}
    refused = bring(team.marta, "deals", content, mapping=mapping)
    assert counts(refused) == (0, 0, 0, 0, 1)
    done = bring(team.marta, "deals", content, mapping=mapping, bad_cells={"last_open_stage": "empty"})
    assert (counts(done), standing(store)) == ((1, 0, 0, 0, 0), [("A", "Sales", "Won")])
    assert [found[:2] for found in unread(store, team.marta, done)] == [(2, "last_open_stage")]


def test_the_page_leaves_unknown_stages_empty(store, team, pipeline):
    sha256, size = files.keep(store, [STAGES.encode()], 2**30)
    with store.writing(team.marta) as tx:
        upload = files.register(tx, sha256=sha256, file_name="deals.csv", size=size)
    page = open_page(store, "imports", team.marta, new="deals", upload=str(upload.id))
    chosen = ["stage", "pipeline"]
    next(box for box in page.multiselect if box.label.startswith("Where a cell")).set_value(chosen).run()
    next(button for button in page.button if button.label == "Dry run").click().run()
    assert not page.exception
    planned = finished(store, team.marta, 1)
    assert (planned.created, planned.rejected) == (4, 0)
    page = open_page(store, "imports", team.marta, **{"import": "1"})
    assert not page.exception
    assert any(each.label == "4 cells left empty, or read in part" for each in page.expander)


def test_the_region_of_phones_is_the_imports_own(store, team, bring):
    tried = bring(team.marta, "contacts", PEOPLE, dry_run=True)
    assert len(reasons(store, team.marta, tried)) == 3
    done = bring(team.marta, "contacts", PEOPLE, region="US", dry_run=True)
    assert [line for line, _ in reasons(store, team.marta, done)] == [3, 4]
    with pytest.raises(Invalid, match="no region “ZZ”"):
        bring(team.marta, "contacts", PEOPLE, region="ZZ")


def test_what_a_cell_holds_beside_its_value_is_listed_or_kept_in_a_second_field(store, team, bring):
    content = "name,email,phone\nAna,Ana <ana@x.com>; b@x.com,(858) 555-0143 x66286\n"
    tried = bring(team.marta, "contacts", content, region="US", dry_run=True)
    assert unread(store, team.marta, tried) == [
        (2, "email", "“b@x.com” was left out: the field takes one."),
        (2, "phone", "“ext. 66286” was left out: the field takes one."),
    ]
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Other mail", type="text")
        attributes.define(tx, model="contact", name="Extension", type="text")
    second = {"email": "attribute:other_mail", "phone": "attribute:extension"}
    done = bring(team.marta, "contacts", content, region="US", second=second)
    assert (counts(done), unread(store, team.marta, done)) == ((1, 0, 0, 0, 0), [])
    assert rows(
        store,
        SYSTEM,
        """
        SELECT email, phone, a_other_mail, a_extension
        FROM base.contacts JOIN base.contact_attributes USING (id)
        """,
    ) == [("ana@x.com", "+18585550143", "b@x.com", "ext. 66286")]


def test_what_else_a_cell_holds_becomes_a_note_or_an_attribute_that_is_made(store, team, bring):
    content = "name,email,phone\nAna,Ana <ana@x.com>; b@x.com,(858) 555-0143 x66286\n"
    second = {"email": "note", "phone": "attribute:extension"}
    done = bring(team.ada, "contacts", content, region="US", second=second, new_attributes={"Extension": "text"})
    assert (counts(done), unread(store, team.ada, done)) == ((1, 0, 0, 0, 0), [])
    assert rows(store, SYSTEM, "SELECT text FROM base.notes") == [("b@x.com",)]
    assert rows(store, SYSTEM, "SELECT a_extension FROM base.contact_attributes") == [("ext. 66286",)]


def test_a_field_that_there_is_none_of_takes_nothing_away(store, team, bring):
    content = "name,email\nAna,Ana <ana@x.com>; b@x.com\n"
    failed = bring(team.marta, "contacts", content, second={"email": "attribute:gone"})
    assert (failed.state, failed.message) == ("failed", "Contacts have no field “attribute:gone”.")


def test_the_page_offers_texts_for_what_else_a_cell_holds(store, team):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Other mail", type="text")
        attributes.define(tx, model="contact", name="Plan", type="list", values=["Pro"])
    sha256, size = files.keep(store, [b"name,email\nAna,ana@x.com; b@x.com\n"], 2**30)
    with store.writing(team.marta) as tx:
        upload = files.register(tx, sha256=sha256, file_name="people.csv", size=size)
    page = open_page(store, "imports", team.marta, new="contacts", upload=str(upload.id))
    box = next(box for box in page.selectbox if box.label == "What else a cell of Email holds goes to")
    assert box.options == ["The list of cells read in part", "Other mail", "Note"]
    box.select("note").run()
    next(button for button in page.button if button.label == "Dry run").click().run()
    assert not page.exception
    planned = finished(store, team.marta, 1)
    assert (planned.options.second, planned.created, planned.found["unread_cells"]) == ({"email": "note"}, 1, 0)


def test_an_erasure_finds_the_rows_of_unread_cells(store, team, bring):
    done = bring(team.marta, "contacts", PEOPLE, region="US", bad_cells={"*": "empty"})
    assert outcome_files.mentioning(store.folder, ["(858) 555-0143 X66286"]) == [done.id]


def test_the_page_offers_the_choices_and_lists_the_cells(store, team):
    sha256, size = files.keep(store, [PEOPLE.encode()], 2**30)
    with store.writing(team.marta) as tx:
        upload = files.register(tx, sha256=sha256, file_name="people.csv", size=size)
    page = open_page(store, "imports", team.marta, new="contacts", upload=str(upload.id))
    next(box for box in page.multiselect if box.label.startswith("Where a cell")).set_value(["phone", "email"]).run()
    next(box for box in page.selectbox if box.label.startswith("Phones without")).select("US").run()
    next(button for button in page.button if button.label == "Dry run").click().run()
    assert not page.exception
    with store.reading(team.marta) as tx:
        options = imports.get(tx, 1).options
    assert (options.region, options.bad_cells) == ("US", {"phone": "empty", "email": "empty"})
    assert finished(store, team.marta, 1).rejected == 0
    page = open_page(store, "imports", team.marta, **{"import": "1"})
    assert not page.exception
    assert any(each.label == "3 cells left empty, or read in part" for each in page.expander)


def test_the_command_line_has_them_too(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    place = ["--store", str(tmp_path / "s"), "--unread", str(tmp_path / "unread.csv")]
    done = CliRunner().invoke(
        app, ["import", "contacts", str(file), "--region", "US", "--leave-empty", "*", "--dry-run", *place]
    )
    assert (done.exit_code, "3 would be created" in done.output, "line 4, phone:" in done.output) == (0, True, True)
    assert "Eva,eva@p.example,12" in (tmp_path / "unread.csv").read_text(encoding="utf-8-sig")


def test_the_options_refuse_other_choices():
    with pytest.raises(ValueError, match="bad_cells"):
        Options(bad_cells={"phone": "drop"})
