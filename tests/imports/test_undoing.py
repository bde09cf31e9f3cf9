"""Undoing an import as a whole: what nothing touched since is as before, the rest is left and listed."""

import pytest

from crm import companies, contacts, deals, imports
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.platform import notices
from crm.records import attributes, bulk, notes
from crm.records.history import history
from crm.records.listing import ListQuery
from crm.verify import verify
from tests.imports.conftest import finished, rows

STORED = "name,email,phone,city\nAna,ana@x.com,(11) 98765-4321,Recife\nBob,bob@x.com,,Porto\n"
FILE = """name,email,phone,city,company,Plan,identifier
Ana Maria,ana@x.com,(11) 98888-7777,Olinda,Nova Ltd,pro,C-1
Bob,bob@x.com,,Porto,,free,C-2
Zoë,zoe@x.com,,,Nova Ltd,,
Cleo,cleo@x.com,,,Outra,,
"""
ASKED = {
    "on_duplicate": "overwrite",
    "make_companies": True,
    "mapping": {"Plan": "attribute:plan"},
    "new_attributes": {"Plan": "text"},
}
TOLD = "id, name, email, phone, identifier, city, country, company_id, owner_id, blocked"


@pytest.fixture
def undo(store, team):
    def whole(found, actor=None):
        with store.writing(actor or team.ada) as tx:
            imports.undo(tx, found.id)
        return finished(store, team.ada, found.id)

    return whole


def state(store, team):
    """All that an import of contacts may touch."""
    return (
        rows(store, team.ada, f"SELECT {TOLD}, search FROM contacts ORDER BY id"),
        rows(store, team.ada, "SELECT email_key, phone_key, identifier_key FROM base.contacts ORDER BY id"),
        rows(store, team.ada, "SELECT id, name FROM companies ORDER BY id"),
        rows(store, team.ada, "SELECT * FROM base.contact_labels ORDER BY ALL"),
        rows(store, team.ada, "SELECT id FROM contact_attributes WHERE coalesce(COLUMNS('a_.*')::VARCHAR) IS NOT NULL")
        if rows(store, team.ada, "SELECT count(*) FROM attributes") != [(0,)]
        else [],
    )


def test_everything_is_as_it_was(store, team, bring, undo):
    bring(team.ada, "contacts", STORED)
    before = state(store, team)
    done = bring(team.ada, "contacts", FILE, **ASKED)
    assert (done.created, done.updated) == (2, 2)
    undone = undo(done)
    assert (undone.state, undone.undo_state) == ("undone", "done")
    assert undone.undone == {"deleted": 2, "restored": 2, "companies": 2, "contacts": 0, "labels": 0, "left": 0}
    assert state(store, team) == before
    assert verify(store) == []


def test_the_preview_is_what_happens(store, team, bring, undo):
    bring(team.ada, "contacts", STORED)
    done = bring(team.ada, "contacts", FILE, **ASKED)
    with store.writing(team.ada) as tx:
        contacts.edit(tx, 1, city="Natal")
    with store.reading(team.ada) as tx:
        seen = imports.undo_preview(tx, done.id)
        left = imports.undo_left(tx, done.id)
    assert seen.reasons == {"It was changed since.": 1}
    undone = undo(done)
    assert undone.undone == seen.model_dump(exclude={"reasons"})
    with store.reading(team.ada) as tx:
        assert imports.undo_left(tx, done.id) == left


def test_what_was_changed_since_is_left_and_listed(store, team, bring, undo):
    bring(team.ada, "contacts", STORED)
    done = bring(team.ada, "contacts", FILE, **ASKED)
    with store.writing(team.ada) as tx:
        contacts.edit(tx, 1, city="Natal")
        contacts.block(tx, 3)
    undone = undo(done)
    assert (undone.undone["left"], undone.undone["deleted"], undone.undone["restored"]) == (2, 1, 1)
    with store.reading(team.ada) as tx:
        page = imports.undo_left(tx, done.id)
        assert contacts.get(tx, 1).city == "Natal"
        assert contacts.get(tx, 1).name == "Ana Maria"
        assert contacts.get(tx, 3).company_name == "Nova Ltd"
        with pytest.raises(NotFound):
            contacts.get(tx, 4)
    assert [(left.line, left.name, left.reason) for left in page.items] == [
        (2, "Ana Maria", "It was changed since."),
        (4, "Zoë", "It was changed since."),
    ]
    assert undone.undone["companies"] == 1  # Outra; Nova Ltd is of those who stayed
    assert verify(store) == []


def test_a_new_contact_with_a_deal_or_a_note_stays(store, team, bring, undo, pipeline):
    done = bring(team.ada, "contacts", "name\nAna\nBob\nCleo\n")
    with store.writing(team.ada) as tx:
        deals.create(tx, title="Big", contact_id=1, pipeline_id=pipeline.id)
        notes.add(tx, "contact", 2, "Called.")
    undone = undo(done)
    assert undone.undone == {"deleted": 1, "restored": 0, "companies": 0, "contacts": 0, "labels": 0, "left": 2}
    with store.reading(team.ada) as tx:
        reasons = [left.reason for left in imports.undo_left(tx, done.id).items]
    assert reasons == ["Something was attached to it since: deals.", "Something was attached to it since: notes."]
    assert verify(store) == []


def test_what_lies_in_the_bin_is_left_there(store, team, bring, undo):
    done = bring(team.ada, "contacts", "name\nAna\n")
    with store.writing(team.ada) as tx:
        contacts.delete(tx, 1)
    assert undo(done).undone["left"] == 1
    with store.writing(team.ada) as tx:
        assert contacts.restore(tx, 1).name == "Ana"


def test_a_key_that_somebody_else_has_by_now_is_theirs(store, team, bring, undo):
    bring(team.ada, "contacts", STORED)
    done = bring(team.ada, "contacts", "phone,email\n(11) 98765-4321,new@x.com\n", on_duplicate="overwrite")
    with store.writing(team.ada) as tx:
        contacts.create(tx, name="Other", email="ANA@x.com")
    undone = undo(done)
    assert undone.undone["left"] == 1
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, 1).email == "new@x.com"
        assert imports.undo_left(tx, done.id).items[0].reason.endswith("another record now: ana@x.com.")
    assert verify(store) == []


def test_a_key_that_goes_with_the_import_is_given_back(store, team, bring, undo):
    """The file gives Ana another address, and her former one to somebody new, on a later import."""
    bring(team.ada, "contacts", STORED)
    first = bring(team.ada, "contacts", "phone,email\n(11) 98765-4321,new@x.com\n", on_duplicate="overwrite")
    second = bring(team.ada, "contacts", "name,email\nHeir,ana@x.com\n")
    assert undo(second).undone["deleted"] == 1
    assert undo(first).undone["restored"] == 1
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, 1).email == "ana@x.com"
    assert bring(team.ada, "contacts", "email,city\nANA@x.com,Natal\n", on_duplicate="overwrite").updated == 1


def test_imports_are_undone_one_after_the_other_the_last_first(store, team, bring, undo):
    one = bring(team.ada, "contacts", "email,city\na@x.com,Porto\n")
    two = bring(team.ada, "contacts", "email,city\na@x.com,Recife\n", on_duplicate="overwrite")
    three = bring(team.ada, "contacts", "email,city\na@x.com,Natal\n", on_duplicate="overwrite")
    with store.reading(team.ada) as tx:
        assert imports.undo_preview(tx, two.id).left == 1
    for found, city in ((three, "Recife"), (two, "Porto")):
        assert undo(found).undone["restored"] == 1
        assert rows(store, team.ada, "SELECT city FROM contacts") == [(city,)]
    assert undo(one).undone["deleted"] == 1


def test_a_company_that_was_linked_is_not_brought_back_once_it_is_gone(store, team, bring, undo):
    with store.writing(team.ada) as tx:
        old = companies.create(tx, name="Old")
        contacts.create(tx, name="Ana", email="a@x.com", company_id=old.id)
    done = bring(team.ada, "contacts", "email,company\na@x.com,New\n", on_duplicate="overwrite", make_companies=True)
    with store.writing(team.ada) as tx:
        companies.delete(tx, old.id)
    undone = undo(done)
    assert undone.undone == {"deleted": 0, "restored": 0, "companies": 0, "contacts": 0, "labels": 0, "left": 1}
    assert verify(store) == []


def test_deals_go_back_to_their_stage_and_leave_no_trace_in_its_history(store, team, bring, undo, pipeline):
    bring(
        team.ada,
        "deals",
        "identifier,title,stage,value,created\nD-1,One,Lead,10,2025-12-01\nD-2,Two,Lead,20,\n",
        date_patterns={"*": "%Y-%m-%d"},
    )
    before = rows(store, team.ada, "SELECT deal_id, to_stage_id, kind FROM base.stage_events ORDER BY id")
    done = bring(
        team.ada,
        "deals",
        "identifier,title,stage,value,closed\nD-1,,Won,15,2026-01-05\nD-3,Three,Proposal,5,\n",
        on_duplicate="overwrite",
        date_patterns={"*": "%Y-%m-%d"},
    )
    assert (done.created, done.updated) == (1, 1)
    undone = undo(done)
    assert undone.undone == {"deleted": 1, "restored": 1, "companies": 0, "contacts": 0, "labels": 0, "left": 0}
    assert rows(store, team.ada, "SELECT title, status, value::INT, closed_on FROM deals ORDER BY id") == [
        ("One", "open", 10, None),
        ("Two", "open", 20, None),
    ]
    assert rows(store, team.ada, "SELECT deal_id, to_stage_id, kind FROM base.stage_events ORDER BY id") == before
    assert verify(store) == []


def test_companies_that_somebody_came_to_belong_to_stay(store, team, bring, undo):
    done = bring(team.ada, "companies", "name,domain\nAurora,aurora.com\nNova,nova.com\n")
    with store.writing(team.ada) as tx:
        contacts.create(tx, name="Ana", company_id=1)
    assert undo(done).undone == {"deleted": 1, "restored": 0, "companies": 0, "contacts": 0, "labels": 0, "left": 1}
    assert verify(store) == []


def test_the_timeline_tells_that_a_record_was_put_back(store, team, bring, undo):
    bring(team.ada, "contacts", "email,city\na@x.com,Porto\n")
    done = bring(team.ada, "contacts", "email,city\na@x.com,Recife\n", on_duplicate="overwrite")
    undo(done)
    with store.reading(team.ada) as tx:
        told = [event.name for event in history(tx, "contact", 1)]
    assert told == ["contact.import_undone", "contact.changed", "contact.created"]


def test_a_company_made_on_the_way_says_so_in_its_history(store, team, bring):
    bring(team.ada, "contacts", "name,company\nAna,Nova\nBob,Nova\n", make_companies=True)
    with store.reading(team.ada) as tx:
        [event] = history(tx, "company", 1)
    assert (event.name, event.payload["line"]) == ("company.created", 2)


def test_who_asked_is_told(store, team, bring, undo):
    done = bring(team.marta, "contacts", "name\nAna\n")
    undo(done, team.marta)
    with store.reading(team.marta) as tx:
        told = notices.of_actor(tx)[0]
    assert told.text == "The import of contacts.csv was undone: 1 created records deleted."
    assert told.link == f"/imports?import={done.id}"


def test_it_is_undone_once_and_only_when_done(store, team, bring, undo):
    planned = bring(team.ada, "contacts", "name\nAna\n", dry_run=True)
    with pytest.raises(Invalid, match="Only an import that is done"), store.writing(team.ada) as tx:
        imports.undo(tx, planned.id)
    done = bring(team.ada, "contacts", "name\nAna\n")
    undo(done)
    with pytest.raises(Invalid, match="this one is undone"), store.writing(team.ada) as tx:
        imports.undo(tx, done.id)


@pytest.mark.parametrize(("name", "refusal"), [("ana", Forbidden), ("rui", Forbidden), ("vera", Forbidden)])
def test_who_may_not_import_may_not_undo(store, team, bring, name, refusal):
    done = bring(team.ada, "contacts", "name\nAna\n")
    with pytest.raises(refusal), store.writing(getattr(team, name)) as tx:
        imports.undo(tx, done.id)


def test_another_persons_import_is_not_there_to_undo(store, team, bring, importer):
    done = bring(team.ada, "contacts", "name\nAna\n")
    with pytest.raises(NotFound), store.writing(importer()) as tx:
        imports.undo(tx, done.id)


def test_what_a_rep_gave_away_by_an_import_comes_back(store, team, bring, undo, importer):
    bring(importer(), "contacts", "email,name\na@x.com,Ana\n")
    done = bring(importer(), "contacts", "email,owner\na@x.com,Bob\n", on_duplicate="overwrite")
    assert rows(store, importer(), "SELECT count(*) FROM contacts") == [(0,)]
    undo(done, importer())
    assert rows(store, importer(), "SELECT name FROM contacts") == [("Ana",)]


def test_an_undoing_that_was_killed_is_taken_up_again(store, team, bring):
    from crm.platform import jobs

    done = bring(team.ada, "contacts", "name\nAna\n")
    with store.writing(team.ada) as tx:
        imports.undo(tx, done.id)
    with store.writing(SYSTEM) as tx:
        jobs.claim(tx)
        tx.run("UPDATE base.imports SET undo_state = 'running'")
    with store.writing(SYSTEM) as tx:
        jobs.requeue_interrupted(tx)
    assert finished(store, team.ada, done.id).state == "undone"


def test_an_undoing_that_is_called_off_undoes_nothing(store, team, bring):
    done = bring(team.ada, "contacts", "name\nAna\n")
    with store.writing(team.ada) as tx:
        imports.undo(tx, done.id)
        imports.cancel(tx, done.id)
    found = finished(store, team.ada, done.id)
    assert (found.state, found.undo_state) == ("done", None)
    assert rows(store, team.ada, "SELECT count(*) FROM contacts") == [(1,)]


def test_an_import_goes_back_after_a_later_change_of_many_records_went_back(store, team, bring, undo):
    bring(team.ada, "contacts", STORED)
    before = state(store, team)
    found = bring(team.ada, "contacts", FILE, **ASKED)
    with store.writing(team.ada) as tx:
        change = bulk.apply(tx, "contacts", ListQuery(), bulk.Change(action=bulk.Action.BLOCK))
        bulk.undo(tx, change.id)
    undone = undo(found)
    assert undone.state == "undone"
    with store.reading(team.ada) as tx:
        assert imports.undo_left(tx, found.id).total == 0
    assert state(store, team)[:3] == before[:3]


def test_an_attribute_of_another_type_under_the_same_key_keeps_what_it_holds(store, team, bring, undo):
    asked = {"on_duplicate": "overwrite", "mapping": {"plan": "attribute:plan"}}
    with store.writing(team.ada) as tx:
        plan = attributes.define(tx, model="contact", name="Plan", type="text")
        ana = contacts.create(tx, name="Ana", email="ana@x.com", city="Recife", attributes={"plan": "basic"})
    done = bring(team.ada, "contacts", "name,email,city,plan\nAna,ana@x.com,Olinda,pro\n", **asked)
    with store.writing(team.ada) as tx:
        attributes.delete(tx, plan.id)
        attributes.define(tx, model="contact", name="Plan", type="number")
    assert undo(done).undone == {"deleted": 0, "restored": 1, "companies": 0, "contacts": 0, "labels": 0, "left": 0}
    with store.reading(team.ada) as tx:
        found = contacts.get(tx, ana.id)
    assert (found.city, found.attributes) == ("Recife", {})
