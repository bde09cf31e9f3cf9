"""Labels, blocked and team from a file; and the contact of a deal by its name."""

import pytest

from crm import contacts, deals, imports
from crm.platform.people import teams
from crm.records import labels
from tests.imports.conftest import counts, finished, reasons, rows


@pytest.fixture
def labelled(store, team):
    """Ana, who has the label VIP."""
    with store.writing(team.marta) as tx:
        ana = contacts.create(tx, name="Ana", email="ana@x.com")
        contacts.set_labels(tx, ana.id, ["VIP"])
    return store


def labels_of(store, team, contact_id=1):
    with store.reading(team.marta) as tx:
        return contacts.get(tx, contact_id).labels


def test_new_contacts_get_their_labels_and_those_that_are_new_are_made(labelled, team, bring):
    done = bring(team.marta, "contacts", "name,labels\nBob,vip; Fair 2026;\nCleo,\nDora,Fair 2026\n")
    assert counts(done) == (3, 0, 0, 0, 0)
    assert [labels_of(labelled, team, n) for n in (2, 3, 4)] == [("Fair 2026", "VIP"), (), ("Fair 2026",)]
    with labelled.reading(team.marta) as tx:
        assert [label.name for label in labels.all_of(tx)] == ["Fair 2026", "VIP"]


def test_a_label_may_hold_the_character_that_parts_labels(labelled, team, bring):
    bring(team.marta, "contacts", 'name,labels\nBob,"a\\;b; c\\\\d"\n')
    assert labels_of(labelled, team, 2) == ("a;b", "c\\d")


def test_filling_adds_labels_and_takes_none(labelled, team, bring):
    done = bring(team.marta, "contacts", "email,labels\nana@x.com,Fair\n", on_duplicate="fill")
    assert (counts(done), labels_of(labelled, team)) == ((0, 1, 0, 0, 0), ("Fair", "VIP"))
    again = bring(team.marta, "contacts", "email,labels\nana@x.com,VIP\n", on_duplicate="fill")
    assert counts(again) == (0, 0, 1, 0, 0)


def test_overwriting_puts_exactly_the_labels_of_the_file(labelled, team, bring):
    done = bring(team.marta, "contacts", "email,labels\nana@x.com,Fair\n", on_duplicate="overwrite")
    assert (counts(done), labels_of(labelled, team)) == ((0, 1, 0, 0, 0), ("Fair",))
    empty = bring(team.marta, "contacts", "email,labels\nana@x.com,\n", on_duplicate="overwrite")
    assert (counts(empty), labels_of(labelled, team)) == ((0, 0, 1, 0, 0), ("Fair",))


def test_a_dry_run_makes_no_label_and_shows_what_would_change(labelled, team, bring):
    planned = bring(team.marta, "contacts", "email,labels\nana@x.com,Fair; vip\n", dry_run=True)
    with labelled.reading(team.marta) as tx:
        [updated] = imports.outcomes(tx, planned.id, "updated").items
        assert [label.name for label in labels.all_of(tx)] == ["VIP"]
    assert updated.changes == {"labels": ["VIP", "Fair; VIP"]}


def test_undoing_gives_a_contact_its_labels_back(labelled, team, bring):
    done = bring(team.marta, "contacts", "name,email,labels\n,ana@x.com,Fair\nBob,,Fair\n", on_duplicate="overwrite")
    with labelled.writing(team.marta) as tx:
        imports.undo(tx, done.id)
    assert finished(labelled, team.marta, done.id).undone["left"] == 0
    assert labels_of(labelled, team) == ("VIP",)
    assert rows(labelled, team.marta, "SELECT count(*) FROM base.contact_labels") == [(1,)]


def test_a_label_that_is_too_long_refuses_its_row(labelled, team, bring):
    done = bring(team.marta, "contacts", f"name,labels\nBob,{'x' * 41}\n")
    assert "41 characters; the limit is 40" in reasons(labelled, team.marta, done)[0][1]


@pytest.mark.parametrize(
    ("word", "blocked"), [("yes", True), ("Não", False), ("TRUE", True), ("0", False), ("", False)]
)
def test_contacts_come_blocked_or_not(store, team, bring, word, blocked):
    bring(team.marta, "contacts", f"name,Bloqueado\nBob,{word}\n")
    assert rows(store, team.marta, "SELECT blocked FROM contacts") == [(blocked,)]


def test_overwriting_blocks_and_unblocks_and_an_empty_cell_does_neither(labelled, team, bring):
    for word, blocked in (("yes", True), ("", True), ("no", False)):
        bring(team.marta, "contacts", f"email,name,blocked\nana@x.com,Ana,{word}\n", on_duplicate="overwrite")
        assert rows(labelled, team.marta, "SELECT blocked FROM contacts") == [(blocked,)]


@pytest.mark.parametrize("kind", ["contacts", "companies"])
def test_a_record_belongs_to_the_team_that_the_file_names(store, team, bring, kind):
    with store.writing(team.ada) as tx:
        south = teams.create(tx, "South").id
    done = bring(team.ada, kind, "name,team\nBob,SOUTH\nCleo,North\n")
    assert rows(store, team.ada, f"SELECT team_id FROM {kind}") == [(south,)]
    assert reasons(store, team.ada, done) == [(3, "No team is called “North”.")]


def test_the_contact_of_a_deal_is_found_by_name_where_one_has_it(store, team, bring, pipeline):
    bring(team.ada, "contacts", "name,email\nAna Souza,ana@x.com\nBob,bob@x.com\nBob,b@x.com\n")
    done = bring(team.ada, "deals", "title,stage,contact\nA,Lead,ana souza\nB,Lead,bob@x.com\nC,Lead,Bob\nD,Lead,Zoë\n")
    assert rows(store, team.ada, "SELECT title, contact_id FROM deals ORDER BY id") == [("A", 1), ("B", 2)]
    assert reasons(store, team.ada, done) == [
        (4, "2 contacts are called “Bob”. Give the email."),
        (5, "No contact has the name, identifier, email or phone “Zoë”."),
    ]


def test_a_contact_that_one_may_not_see_is_found_by_no_name(store, team, bring, importer, pipeline):
    with store.writing(team.ada) as tx:
        contacts.create(tx, name="Secret", owner_id=team.ids.bob)
    done = bring(importer(), "deals", "title,stage,contact\nA,Lead,Secret\n")
    assert "No contact has the name" in reasons(store, importer(), done)[0][1]


def test_deals_have_labels_from_files_and_an_undo_takes_them_back(labelled, team, bring, pipeline):
    bring(team.marta, "deals", "identifier,title,labels\nD-1,Chairs,vip; Fair\nD-2,Tables,\n")
    assert rows(labelled, team.marta, "SELECT deal_id, name FROM deal_labels ORDER BY ALL") == [(1, "Fair"), (1, "VIP")]
    done = bring(
        team.marta, "deals", "identifier,title,labels\nD-1,Chairs,Hot\nD-3,Lamps,Hot\n", on_duplicate="overwrite"
    )
    with labelled.writing(team.marta) as tx:
        assert deals.get(tx, 1).labels == ("Hot",)
        imports.undo(tx, done.id)
    assert finished(labelled, team.marta, done.id).undone["left"] == 0
    assert rows(labelled, team.marta, "SELECT deal_id, name FROM deal_labels ORDER BY ALL") == [(1, "Fair"), (1, "VIP")]
