"""Many records linked to one at once, or unlinked from it: looked at, made whole, told on both sides, and undone."""

from datetime import date
from typing import Any

import pytest

from crm import contacts, deals
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff, NotFound
from crm.platform import workspace
from crm.records import bulk, feed, links, registry
from crm.records.bulk import Action, BulkChange, Change
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.records.links.building import School
from tests.records.links.test_timeline import told

DAY = date(2026, 3, 2)
EVERY = ListQuery()


def to(school: School, action: Action = Action.LINK, **more: Any) -> Change:
    """To link to the English course."""
    return Change(action=action, linked_kind=school.kind, linked_id=school.english, **more)


def apply(store: Store, actor: Any, kind: str, change: Change, query: ListQuery = EVERY) -> BulkChange:
    with store.writing(actor) as tx:
        return bulk.apply(tx, kind, query, change)


def undo(store: Store, actor: Any, change: BulkChange) -> tuple[int, int, list[str]]:
    with store.writing(actor) as tx:
        undone = bulk.undo(tx, change.id)
        return undone.put_back, undone.left, [one.because for one in bulk.left(tx, change.id)]


def linked(store: Store) -> list[tuple[Any, ...]]:
    with store.reading(SYSTEM) as tx:
        rows = tx.rows("SELECT * EXCLUDE (id, object_kind, updated_at) FROM base.links ORDER BY object_id, subject_id")
    return [tuple(row.values()) for row in rows]


def test_contacts_are_linked_as_something_since_a_day_but_for_those_that_are_so_already(
    store: Store, team: Team, school: School
) -> None:
    with store.writing(team.ana) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia, label="guardian")
        seen = bulk.preview(tx, "contacts", EVERY, to(school, link_label="Student", linked_on=DAY))
    assert (seen.matched, seen.changing, seen.already, seen.examples) == (2, 1, 1, ["Ivo"])
    made = apply(store, team.ana, "contacts", to(school, link_label="Student", linked_on=DAY))
    assert (made.changed, made.becomes_name, made.linked_kind) == (1, "English", school.kind)
    with store.reading(team.ana) as tx:
        found = {one.subject_name: (one.label, one.linked_on) for one in _of_english(tx, school)}
        assert contacts.get(tx, school.ivo).version == 1
    assert found == {"Lia": ("guardian", None), "Ivo": ("student", DAY)}
    assert undo(store, team.ana, made) == (1, 0, [])
    with store.reading(team.ana) as tx:
        assert [one.subject_name for one in _of_english(tx, school)] == ["Lia"]
    assert verify(store) == []


def _of_english(tx: Any, school: School) -> list[links.Link]:
    return [one for group in links.of_record(tx, school.kind, school.english) for one in group.links]


def test_unlinked_ones_come_back_as_they_were_without_a_label_that_is_gone(
    store: Store, team: Team, school: School
) -> None:
    with store.writing(team.ana) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia, label="guardian", linked_on=DAY)
        links.link(tx, school.kind, school.english, "contact", school.ivo, label="student")
        links.link(tx, school.kind, school.chess, "contact", school.ivo)
    before = linked(store)
    made = apply(store, team.bob, "contacts", to(school, Action.UNLINK))
    assert (made.changed, len(linked(store))) == (2, 1)
    assert undo(store, team.bob, made) == (2, 0, [])
    assert linked(store) == before
    again = apply(store, team.bob, "contacts", to(school, Action.UNLINK))
    with store.writing(team.ada) as tx:
        links.delete_label(tx, school.guardian)
    undo(store, team.bob, again)
    with store.reading(team.ana) as tx:
        assert {one.subject_name: one.label for one in _of_english(tx, school)} == {"Lia": None, "Ivo": "student"}
    assert verify(store) == []


def test_records_are_linked_to_a_contact_and_to_a_deal_from_their_own_list(
    store: Store, team: Team, school: School
) -> None:
    for kind, record_id in (("contact", school.lia), ("deal", school.deal)):
        change = Change(action=Action.LINK, linked_kind=kind, linked_id=record_id, link_label="student")
        made = apply(store, team.ana, school.plural, change)
        assert (made.changed, made.becomes_name) == (2, "Lia" if kind == "contact" else "Lessons")
        with store.reading(team.ana) as tx:
            (group,) = links.of_subject(tx, kind, record_id)
        assert {(one.object_name, one.label) for one in group.links} == {("English", "student"), ("Chess", "student")}
    assert undo(store, team.ana, made) == (2, 0, [])
    assert len(linked(store)) == 2


def test_an_undo_leaves_what_somebody_changed_made_again_or_put_in_the_bin_and_the_links_of_others(
    store: Store, team: Team, school: School
) -> None:
    with store.writing(team.ana) as tx:
        mia, noa, pia = (contacts.create(tx, name=name).id for name in ("Mia", "Noa", "Pia"))
        links.link(tx, school.kind, school.english, "contact", school.ivo)
    made = apply(store, team.ana, "contacts", to(school))
    with store.writing(team.bob) as tx:
        of = {one.subject_id: one.id for one in _of_english(tx, school)}
        links.change(tx, of[mia], label="student")
        links.unlink(tx, of[noa])
        contacts.delete(tx, pia)
        contacts.edit(tx, school.lia, city="Recife")
    assert undo(store, team.ana, made) == (
        1,
        3,
        ["The link was changed since.", "The link is gone.", "It is in the bin now."],
    )
    assert [row[2] for row in linked(store)] == [school.ivo, mia, pia]
    gone = apply(store, team.ana, "contacts", to(school, Action.UNLINK))
    with store.writing(team.bob) as tx:
        links.link(tx, school.kind, school.english, "contact", mia)
    assert undo(store, team.ana, gone) == (1, 1, ["It is linked again already."])
    assert verify(store) == []


def test_changes_of_links_are_undone_one_after_the_other(store: Store, team: Team, school: School) -> None:
    made = apply(store, team.ana, "contacts", to(school))
    gone = apply(store, team.ana, "contacts", to(school, Action.UNLINK))
    assert undo(store, team.ana, gone) == (2, 0, [])
    assert undo(store, team.ana, made) == (2, 0, [])
    assert linked(store) == []


def test_both_sides_and_the_feed_tell_of_a_change_and_of_its_undo(store: Store, team: Team, school: School) -> None:
    with store.reading(team.ana) as tx:
        start = feed.end(tx)
    made = apply(store, team.ana, "contacts", to(school, link_label="student"))
    undo(store, team.bob, made)
    assert told(store, team, "ana", "contact", school.ivo) == [
        "Bob removed the link to “English”",
        "Ana added a link to “English” as student",
    ]
    assert told(store, team, "ana", school.kind, school.english)[1] == "Ana added links to “Lia”, “Ivo”"
    with store.reading(team.ana) as tx:
        rows = [row for row in feed.changes(tx, start) if row.kind in ("contact", school.kind)]
    assert [(row.event, row.kind, row.id) for row in rows] == [
        (event, kind, record_id)
        for event in ("link.added", "link.removed")
        for kind, record_id in (("contact", school.lia), ("contact", school.ivo), (school.kind, school.english))
    ]
    assert {row.payload["bulk_change_id"] for row in rows} == {made.id}


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({}, "Say which kind of record to link to: course"),
        ({"linked_kind": "company", "linked_id": 1}, "Say which kind of record"),
        ({"linked_kind": "course"}, "Choose a record"),
        ({"linked_kind": "course", "linked_id": 1, "link_label": "aunt"}, "no label “aunt”, only “student”"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    store: Store, team: Team, school: School, given: dict[str, Any], refused: str
) -> None:
    with pytest.raises(Invalid, match=refused):
        apply(store, team.ana, "contacts", Change(action=Action.LINK, **given))
    assert linked(store) == []


def test_who_may_is_who_may_change_the_contacts_or_deals(store: Store, team: Team, school: School) -> None:
    to_deal = Change(action=Action.LINK, linked_kind="deal", linked_id=school.deal)
    for actor in (team.vera, team.rui):
        for kind, change in (("contacts", to(school)), ("deals", to(school)), (school.plural, to_deal)):
            with pytest.raises(Forbidden):
                apply(store, actor, kind, change)
        assert Action.LINK not in bulk.offered(registry.get("contact"), actor)
    made = apply(store, team.marta, "contacts", to(school))
    with pytest.raises(Forbidden):
        undo(store, team.vera, made)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    with pytest.raises(ModuleOff), store.writing(team.ada) as tx:
        bulk.apply(tx, school.plural, EVERY, to_deal)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, False)
    with store.reading(team.ada) as tx:
        assert Action.LINK not in bulk.offered(registry.get("contact"), tx.actor)


def test_a_rep_links_what_they_see_to_what_they_see(store: Store, team: Team, school: School) -> None:
    owner_privacy(store, team)
    with pytest.raises(NotFound, match="course"):
        apply(store, team.bob, "contacts", to(school))
    with pytest.raises(NotFound, match="contact"):
        apply(store, team.ana, school.plural, Change(action=Action.LINK, linked_kind="contact", linked_id=school.ivo))
    made = apply(store, team.ana, "contacts", to(school))
    assert [row[2] for row in linked(store)] == [school.lia]
    with store.writing(team.marta) as tx:
        contacts.edit(tx, school.lia, owner_id=team.ids.bob)
    assert undo(store, team.ana, made) == (0, 1, ["It is not yours to see any more."])


def test_a_rep_unlinks_a_record_that_they_may_not_change_and_is_told_that_it_goes_out_of_sight(
    store: Store, team: Team, school: School
) -> None:
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        links.link(tx, school.kind, school.chess, "contact", school.lia)
        links.link(tx, school.kind, school.english, "contact", school.lia)
    change = Change(action=Action.UNLINK, linked_kind="contact", linked_id=school.lia)
    with store.reading(team.ana) as tx:
        seen = bulk.preview(tx, school.plural, EVERY, change)
    assert (seen.changing, seen.refused, seen.out_of_sight) == (2, 0, 1)
    made = apply(store, team.ana, school.plural, change)
    with store.reading(team.ana) as tx:
        assert [row["id"] for row in tx.rows(f"SELECT id FROM {school.plural}")] == [school.english]
    assert undo(store, team.ana, made) == (2, 0, [])


def test_what_they_were_unlinked_from_must_be_there_for_an_undo(store: Store, team: Team, school: School) -> None:
    made = apply(store, team.ana, "deals", to(school))
    with store.writing(team.ana) as tx:
        registry.room(school.kind).delete(tx, school.english)
    with pytest.raises(NotFound, match="course"):
        undo(store, team.ana, made)
    with store.writing(team.ana) as tx:
        assert bulk.get(tx, made.id).becomes_name is None
        registry.room(school.kind).restore(tx, school.english)
        deals.edit(tx, school.deal, priority="high")
    assert undo(store, team.ana, made) == (1, 0, [])
