"""A column of notes becomes notes of the records, and they go with the undo of the import."""

from datetime import timedelta

from crm import contacts, deals, imports
from crm.foundation.access import SYSTEM
from crm.imports.run import run
from crm.imports.undoing import undo_job
from crm.records import attributes, notes
from crm.verify import verify
from tests.imports.conftest import counts, finished, rows
from tests.pages import open_page, unfold

PEOPLE = "name,email,notes\nAna,ana@x.com,Met at the fair\nBob,bob@x.com,\n"
NOTES = "SELECT subject_kind, text, author_id FROM base.notes ORDER BY id"


def undone(store, actor, import_id):
    with store.writing(actor) as tx:
        imports.undo(tx, import_id, queue=False)
    undo_job.run(store, import_id)
    with store.reading(actor) as tx:
        return imports.get(tx, import_id)


def test_each_cell_becomes_a_note_by_whoever_imports(store, team, bring):
    done = bring(team.marta, "contacts", PEOPLE)
    assert counts(done) == (2, 0, 0, 0, 0)
    assert rows(store, SYSTEM, NOTES) == [("contact", "Met at the fair", team.ids.marta)]
    page = open_page(store, "contact", team.marta, contact="1")
    unfold(page, "contact-tabs", "Notes")
    assert not page.exception
    assert any("Met at the fair" in str(getattr(each, "value", "")) for each in page.main)


def test_a_known_record_gets_the_note_once(store, team, bring):
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Ana", email="ana@x.com")
    first = bring(team.marta, "contacts", PEOPLE)
    assert counts(first) == (1, 1, 0, 0, 0)
    again = bring(team.marta, "contacts", PEOPLE)
    assert counts(again) == (0, 0, 2, 0, 0)
    assert len(rows(store, SYSTEM, NOTES)) == 1


def test_undoing_removes_its_notes_and_leaves_records_with_others(store, team, bring):
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Ana", email="ana@x.com")
    done = bring(team.marta, "contacts", PEOPLE + "Eva,eva@x.com,Hers\nLia,lia@x.com,Hers too\n")
    with store.writing(team.marta) as tx:
        eva = tx.value("SELECT id FROM contacts WHERE name = 'Eva'")
        notes.add(tx, "contact", eva, "Called her")
    gone = undone(store, team.marta, done.id)
    assert (gone.undone["deleted"], gone.undone["restored"], gone.undone["left"]) == (2, 1, 1)
    assert [text for _, text, _ in rows(store, SYSTEM, NOTES)] == ["Hers", "Called her"]
    assert verify(store) == []


def test_a_note_that_was_changed_since_stays_with_its_record(store, team, bring):
    done = bring(team.marta, "contacts", PEOPLE)
    with store.writing(team.marta) as tx:
        notes.edit(tx, tx.value("SELECT id FROM base.notes"), "Met in May")
    gone = undone(store, team.marta, done.id)
    assert (gone.undone["deleted"], gone.undone["left"]) == (1, 1)
    assert [text for _, text, _ in rows(store, SYSTEM, NOTES)] == ["Met in May"]


def test_notes_of_deals_keep_what_health_reads_in_step(store, team, bring, pipeline):
    with store.writing(team.ada) as tx:
        deals.create(tx, title="Old", pipeline_id=pipeline.id, identifier="D-1")
    done = bring(team.ada, "deals", "identifier,title,observações\nD-1,Old,Call back\nD-2,New,Hot\n")
    assert counts(done) == (1, 1, 0, 0, 0)
    assert [text for _, text, _ in rows(store, SYSTEM, NOTES)] == ["Call back", "Hot"]
    assert verify(store) == []
    undone(store, team.ada, done.id)
    assert (rows(store, SYSTEM, NOTES), verify(store)) == ([], [])


def test_the_duration_counts_to_the_end_of_the_write(store, team, begin, monkeypatch):
    from crm.imports.applying import write

    begun = begin(team.marta, "contacts", PEOPLE)
    create = write.create

    def slowly(tx, *given):
        made = create(tx, *given)
        monkeypatch.setattr("crm.foundation.clock.now", lambda: tx.now + timedelta(seconds=90))
        return made

    monkeypatch.setattr(write, "create", slowly)
    run(store, begun.id)
    assert finished(store, team.marta, begun.id).found["seconds"] >= 90


def test_an_attribute_called_note_is_fed_by_its_own_column(store, team, bring):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Note", type="text")
    assert counts(bring(team.marta, "contacts", "name,email,note\nAna,ana@x.com,Likes tea\n")) == (1, 0, 0, 0, 0)
    assert rows(store, SYSTEM, "SELECT a_note FROM contact_attributes") == [("Likes tea",)]
    assert rows(store, SYSTEM, NOTES) == []
