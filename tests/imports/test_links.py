"""Files of custom records that name the contacts and deals that they are linked to, and files of those that name custom
records."""

from collections.abc import Callable

import pytest

from crm import contacts, imports, objects, pipelines
from crm.foundation.access import SYSTEM, Actor, Module
from crm.foundation.errors import NotFound
from crm.imports.undoing import undo_job
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import feed, links, registry
from crm.records.history import history
from crm.store import Store
from crm.ui.components.sentences import group, sentence
from crm.verify import verify
from tests.imports.conftest import reasons, rows
from tests.owner_privacy import owner_privacy
from tests.people import Team


@pytest.fixture
def enrolment(store: Store, team: Team) -> ObjectType:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        made = objects.create(tx, singular="Enrolment", plural="Enrolments", primary="Number")
        for label in ("student", "guardian"):
            links.add_label(tx, made.kind, label)
    with store.writing(team.marta) as tx:
        for name in ("Lia", "Rui"):
            contacts.create(tx, name=name, email=f"{name.lower()}@example.com")
    return made


ROWS = """Number,Contact,Link label,Linked on
E1,lia@example.com,Student,2026-03-01
E2,Rui,guardian,
E3,,,
E4,nobody@example.com,student,
E5,lia@example.com,janitor,
"""


def test_each_row_is_linked_to_the_contact_that_it_names(
    store: Store, team: Team, enrolment: ObjectType, bring
) -> None:
    done = bring(team.marta, registry.get(enrolment.kind).plural, ROWS)
    assert (done.state, done.created, done.rejected) == ("done", 3, 2)
    assert done.found["made"] == {"links": 2}
    with store.reading(team.marta) as tx:
        found = {
            link.object_name: (link.subject_name, link.label, str(link.linked_on))
            for record_id in (1, 2, 3)
            for group in links.of_record(tx, enrolment.kind, record_id)
            for link in group.links
        }
        reasons = [row["reason"] for row in tx.rows("SELECT reason FROM import_rejects ORDER BY line")]
    assert found == {"E1": ("Lia", "student", "2026-03-01"), "E2": ("Rui", "guardian", "None")}
    assert ["nobody@example.com" in reasons[0], "janitor" in reasons[1]] == [True, True]
    assert verify(store) == []


def test_undoing_the_import_takes_its_links_away(store: Store, team: Team, enrolment: ObjectType, bring) -> None:
    done = bring(team.marta, registry.get(enrolment.kind).plural, ROWS)
    with store.writing(team.marta) as tx:
        links.link(tx, enrolment.kind, 3, "contact", 1)  # by hand, since
        imports.undo(tx, done.id)
    undo_job.run(store, done.id)
    with store.reading(team.marta) as tx:
        left = imports.undo_left(tx, done.id)
        assert [(item.id, "links" in item.reason) for item in left.items] == [(3, True)]
        assert tx.rows("SELECT object_id, subject_id FROM base.links") == [{"object_id": 3, "subject_id": 1}]
        assert [record["id"] for record in tx.rows(f"SELECT id FROM {registry.get(enrolment.kind).plural}")] == [3]
    assert verify(store) == []


def test_a_row_about_a_record_that_is_there_links_it_too(
    store: Store, team: Team, enrolment: ObjectType, bring
) -> None:
    with store.writing(team.marta) as tx:
        registry.room(enrolment.kind).create(tx, number="E1", external_id="e1")
    done = bring(
        team.marta,
        registry.get(enrolment.kind).plural,
        "External id,Number,Contact,Link label\ne1,E1,lia@example.com,student\n",
    )
    assert (done.created, done.rejected) == (0, 0)
    with store.reading(team.marta) as tx:
        assert [group.total for group in links.of_record(tx, enrolment.kind, 1)] == [1]


def told(store: Store, actor: Actor, kind: str, record_id: int) -> list[str]:
    """The sentences of a record's timeline that are about links, the newest first."""
    with store.reading(actor) as tx:
        return [sentence(event) for event in history(tx, kind, record_id) if group(event) == "Links"]


def test_both_timelines_and_the_feed_tell_of_the_links_that_an_import_made_and_of_its_undoing(
    store: Store, team: Team, enrolment: ObjectType, bring
) -> None:
    plural = registry.get(enrolment.kind).plural
    with store.reading(team.marta) as tx:
        start = feed.end(tx)
    done = bring(team.marta, plural, ROWS + "E6,lia@example.com,guardian,\n")
    added = "Marta added a link to “{}”{} by an import".format
    assert told(store, team.marta, enrolment.kind, 1) == [added("Lia", " as student")]
    assert told(store, team.marta, "contact", 2) == [added("E2", " as guardian")]
    assert told(store, team.marta, "contact", 1) == ["Marta added links to “E1”, “E6” by an import"]
    with store.reading(team.marta) as tx:
        changes = feed.changes(tx, start)
    of_links = [row for row in changes if row.event == "link.added"]
    assert [(row.kind, row.id, row.payload["import_id"], row.payload["many"]) for row in of_links] == [
        ("contact", 1, done.id, 2),
        ("contact", 2, done.id, 1),
        *((enrolment.kind, number, done.id, 1) for number in (1, 2, 4)),
    ]
    assert len({row.position for row in changes}) == len(changes)
    with store.writing(team.marta) as tx:
        imports.undo(tx, done.id)
    undo_job.run(store, done.id)
    assert told(store, team.marta, "contact", 2)[0] == "Marta removed the link to “E2” by an import"
    assert told(store, team.marta, "contact", 1)[0] == "Marta removed the links to “E1”, “E6” by an import"


def test_a_timeline_names_no_linked_record_that_its_reader_does_not_see(
    store: Store, team: Team, enrolment: ObjectType, bring
) -> None:
    with store.writing(team.marta) as tx:
        contacts.edit(tx, 1, owner_id=team.ids.ana)
    owner_privacy(store, team)
    bring(team.marta, registry.get(enrolment.kind).plural, "Number,Contact\nE1,Lia\nE2,Rui\nE3,Lia\n")
    assert told(store, team.ana, "contact", 1) == ["Marta added links to “E1”, “E3” by an import"]
    with store.writing(team.marta) as tx:
        registry.room(enrolment.kind).edit(tx, 1, owner_id=team.ids.ana)
        contacts.edit(tx, 1, owner_id=team.ids.bob)
    assert told(store, team.ana, enrolment.kind, 1) == ["Marta added a link to “another record” by an import"]
    assert told(store, team.bob, "contact", 1) == ["Marta added links to “E1”, “E3” by an import"]


def linked(store: Store, actor: Actor) -> list[tuple[object, ...]]:
    """(contact, record, label, day) of every link of a contact that the actor sees."""
    return rows(
        store,
        actor,
        f"""
        SELECT contact.name AS contact, record.number, label.name AS label, link.linked_on::VARCHAR
        FROM base.links AS link
        JOIN contacts AS contact ON contact.id = link.subject_id AND link.subject_kind = 'contact'
        JOIN {next(iter(registry.custom().values())).plural} AS record ON record.id = link.object_id
        LEFT JOIN base.link_labels AS label ON label.id = link.link_label_id
        ORDER BY contact.name, record.number
        """,
    )


@pytest.fixture
def numbered(store: Store, team: Team, enrolment: ObjectType) -> ObjectType:
    """E1 and E2, Ana's, and two that are both called E3; the first of these has an external id."""
    with store.writing(team.marta) as tx:
        room = registry.room(enrolment.kind)
        for number in ("E1", "E2"):
            room.create(tx, number=number, owner_id=team.ids.ana)
        room.create(tx, number="E3", external_id="x3")
        room.create(tx, number="E3")
    return enrolment


STUDENTS = """Name,Email,Enrolment (linked),Enrolment: label of the link,Enrolment: linked on
Lia,lia@example.com,E1; e2,student,2026-03-01
Mia,mia@example.com,x3,Guardian,
Noa,noa@example.com,,student,
"""


def test_a_file_of_contacts_names_the_records_that_they_are_linked_to(
    store: Store, team: Team, numbered: ObjectType, bring
) -> None:
    with store.writing(team.marta) as tx:
        links.link(tx, numbered.kind, 1, "contact", 1, label="guardian")
    planned = bring(team.marta, "contacts", STUDENTS, dry_run=True)
    assert (planned.created, planned.unchanged, planned.found["made"]) == (2, 1, {"links": 2})
    done = bring(team.marta, "contacts", STUDENTS)
    assert (done.created, done.rejected, done.found["made"]) == (2, 0, {"links": 2})
    assert linked(store, team.marta) == [
        ("Lia", "E1", "guardian", None),
        ("Lia", "E2", "student", "2026-03-01"),
        ("Mia", "E3", "guardian", None),
    ]
    assert told(store, team.marta, "contact", 3) == ["Marta added a link to “E3” as guardian by an import"]
    assert told(store, team.marta, numbered.kind, 2) == ["Marta added a link to “Lia” as student by an import"]
    again = bring(team.marta, "contacts", STUDENTS)
    assert (again.unchanged, again.found["made"]) == (3, {})
    with store.writing(team.marta) as tx:
        imports.undo(tx, done.id)
    undo_job.run(store, done.id)
    assert linked(store, team.marta) == [("Lia", "E1", "guardian", None)]
    assert told(store, team.marta, numbered.kind, 2)[0] == "Marta removed the link to “Lia” by an import"
    assert verify(store) == []


def test_records_that_are_not_found_are_bad_cells_of_their_rows(
    store: Store, team: Team, numbered: ObjectType, bring
) -> None:
    content = "Name,Enrolments\nMia,E1;E9\nNoa,E3\nPia,E2\n"
    refused = bring(team.marta, "contacts", content)
    assert (refused.created, reasons(store, team.marta, refused)) == (
        1,
        [(2, "No enrolment is called “E9”."), (3, "2 enrolments are called “E3”. Give the external id.")],
    )
    kept = bring(team.marta, "contacts", content, bad_cells={"enrolment_linked": "empty"}, on_duplicate="skip")
    assert (kept.created, kept.rejected, kept.found["unread_cells"]) == (3, 0, 2)
    assert [row[:2] for row in linked(store, team.marta)] == [("Mia", "E1"), ("Pia", "E2"), ("Pia", "E2")]


def test_skipped_rows_link_nothing(store: Store, team: Team, numbered: ObjectType, bring) -> None:
    content = "Email,Enrolment\nlia@example.com,E1\n"
    assert bring(team.marta, "contacts", content, on_duplicate="skip").found["made"] == {}
    assert linked(store, team.marta) == []
    assert bring(team.marta, "contacts", content, on_duplicate="overwrite").found["made"] == {"links": 1}


def test_a_rep_links_by_file_only_what_they_see(
    store: Store, team: Team, numbered: ObjectType, bring, importer: Callable[[], Actor]
) -> None:
    ana = importer()
    done = bring(ana, "contacts", "Name,Enrolment\nMia,E1\nNoa,x3\nPia,E3\n")
    assert (done.created, done.found["made"]) == (1, {"links": 1})
    assert reasons(store, ana, done) == [
        (3, "No enrolment is called “x3”."),
        (4, "No enrolment is called “E3”."),
    ]


def test_a_file_of_deals_names_records_too_unless_the_module_is_off(
    store: Store, team: Team, numbered: ObjectType, pipeline: pipelines.Pipeline, bring
) -> None:
    content = "Title,Pipeline,Enrolment\nLessons,Sales,E1|E2\n"
    done = bring(team.marta, "deals", content, label_delimiter="|")
    assert (done.created, done.found["made"]) == (1, {"links": 2})
    with store.reading(team.marta) as tx:
        (group,) = links.of_subject(tx, "deal", 1)
        assert {one.object_name for one in group.links} == {"E1", "E2"}
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, False)
    off = bring(team.marta, "deals", content)
    assert (off.created, off.found["mapping"]["Enrolment"], off.found["made"]) == (1, "", {})


def test_imports_of_a_deleted_type_are_not_there_until_it_is_restored(
    store: Store, team: Team, enrolment: ObjectType, bring, begin
) -> None:
    kind = registry.get(enrolment.kind).plural
    done, queued = bring(team.marta, kind, ROWS), begin(team.marta, kind, ROWS)
    with store.writing(SYSTEM) as tx:
        objects.delete(tx, enrolment.id)
    with store.reading(team.marta) as tx:
        assert (imports.latest(tx), imports.count(tx)) == ([], 0)
        with pytest.raises(NotFound):
            imports.get(tx, done.id)
    with store.writing(SYSTEM) as tx:
        objects.restore(tx, enrolment.id)
    with store.reading(team.marta) as tx:
        assert [one.id for one in imports.latest(tx)] == [queued.id, done.id]
