"""Linking custom records to contacts and deals: who may, what it says, and that there is one link for each two."""

from datetime import date

import pytest

from crm import companies, contacts, objects
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.platform import workspace
from crm.platform.people import teams
from crm.records import links, registry
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.records.links.building import School, build

DAY = date(2026, 3, 2)


def test_a_link_shows_on_both_sides_with_its_label_and_day(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia, label="Student", linked_on=DAY)
        links.link(tx, school.kind, school.english, "deal", school.deal)
        assert [event.name for event in tx.recorded] == ["link.added"] * 4
    with store.reading(team.ana) as tx:
        (group,) = links.of_subject(tx, "contact", school.lia)
        assert (group.kind, group.total, list(group.links)) == (school.kind, 1, [made])
        assert (made.object_name, made.subject_name, made.label, made.linked_on) == ("English", "Lia", "student", DAY)
        assert [(one.kind, one.total) for one in links.of_record(tx, school.kind, school.english)] == [
            ("contact", 1),
            ("deal", 1),
        ]


def test_linking_again_changes_what_is_given_and_makes_no_second_link(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        first = links.link(tx, school.kind, school.english, "contact", school.lia, label="student", linked_on=DAY)
        assert links.link(tx, school.kind, school.english, "contact", school.lia) == first
        again = links.link(tx, school.kind, school.english, "contact", school.lia, label="guardian")
        assert (again.id, again.label, again.linked_on, again.version) == (first.id, "guardian", DAY, 2)
        assert [event.name for event in tx.recorded] == ["link.added"] * 2 + ["link.changed"] * 2


def test_a_change_takes_label_and_day_away_and_tells_a_stale_one(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia, label="student", linked_on=DAY)
        bare = links.change(tx, made.id, label=None, linked_on=None, version=1)
        assert (bare.label, bare.linked_on) == (None, None)
        with pytest.raises(Stale):
            links.change(tx, made.id, label="student", version=1)


def test_an_undone_unlink_restores_label_and_day(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia, label="student", linked_on=DAY)
    with store.writing(team.ana) as tx:
        removed = links.unlink(tx, made.id)
        assert links.of_subject(tx, "contact", school.lia) == []
        back = links.put_back(tx, removed)
        assert links.put_back(tx, removed) == back
    assert (back.label, back.linked_on, back.created_at) == ("student", DAY, made.created_at)


def test_what_was_unlinked_comes_back_without_a_label_that_is_gone(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        removed = links.unlink(tx, made.id)
    with store.writing(team.ada) as tx:
        links.delete_label(tx, school.student)
    with store.writing(team.ana) as tx:
        assert links.put_back(tx, removed).label is None


def test_a_rep_takes_an_unlink_back_though_the_link_was_all_that_showed_them_the_record(
    store: Store, team: Team, school: School
) -> None:
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        made = links.link(tx, school.kind, school.chess, "contact", school.lia)
    with store.writing(team.ana) as tx:
        removed = links.unlink(tx, made.id)
        with pytest.raises(NotFound):
            registry.room(school.kind).get(tx, school.chess)
        links.put_back(tx, removed)
        assert registry.room(school.kind).get(tx, school.chess).shown_name == "Chess"


def test_what_is_in_the_bin_is_neither_linked_nor_put_back(store: Store, team: Team, school: School) -> None:
    room = registry.room(school.kind)
    with store.writing(team.ana) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        room.delete(tx, school.english)
        assert links.of_subject(tx, "contact", school.lia) == []
        for refused in (
            lambda: links.link(tx, school.kind, school.english, "contact", school.lia),
            lambda: links.put_back(tx, made),
            lambda: links.unlink(tx, made.id),
        ):
            with pytest.raises(NotFound):
                refused()
        room.restore(tx, school.english)
        assert links.get(tx, made.id).label == "student"


def test_unknown_types_labels_and_subjects_are_refused(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        company = companies.create(tx, name="Aurora").id
        with pytest.raises(NotFound):
            links.link(tx, "object_99", 1, "contact", school.lia)
        with pytest.raises(NotFound):
            links.link(tx, "deal", school.deal, "contact", school.lia)
        with pytest.raises(NotFound):
            links.link(tx, school.kind, 99, "contact", school.lia)
        with pytest.raises(Invalid, match="Only contacts and deals"):
            links.link(tx, school.kind, school.english, "company", company)
        with pytest.raises(Invalid, match="no label “aunt”, only “student”, “guardian”"):
            links.link(tx, school.kind, school.english, "contact", school.lia, label="aunt")


def test_who_may_link_is_who_may_change_the_contact_or_the_deal(store: Store, team: Team, school: School) -> None:
    for actor in (team.vera, team.rui):
        with pytest.raises(Forbidden), store.writing(actor) as tx:
            links.link(tx, school.kind, school.english, "contact", school.lia)
    with store.writing(team.marta) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia)
    for actor in (team.vera, team.rui):
        with pytest.raises(Forbidden), store.writing(actor) as tx:
            links.unlink(tx, made.id)


def test_a_rep_without_the_crm_links_contacts_and_no_deals(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    with store.writing(team.ana) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia)
        with pytest.raises(ModuleOff):
            links.link(tx, school.kind, school.english, "deal", school.deal)


def test_without_the_module_there_are_no_links(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, False)
    with store.writing(team.ana) as tx:
        assert links.of_subject(tx, "contact", school.lia) == []
        with pytest.raises((NotFound, ModuleOff)):
            links.unlink(tx, made.id)
        with pytest.raises((NotFound, ModuleOff)):
            links.link(tx, school.kind, school.english, "contact", school.lia)
        assert tx.value("SELECT count(*) FROM links") == 0


@pytest.mark.parametrize("shared", [False, True])
def test_under_owner_privacy_a_rep_sees_the_records_that_are_linked_to_their_contacts_and_deals(
    store: Store, team: Team, shared: bool
) -> None:
    school = build(store, team, shared=shared)
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        links.link(tx, school.kind, school.chess, "contact", school.lia)
        links.link(tx, school.kind, school.chess, "contact", school.ivo)
        links.link(tx, school.kind, school.english, "deal", school.deal)
    seen = {}
    for name in ("ada", "marta", "ana", "bob", "rui", "vera"):
        with store.reading(getattr(team, name)) as tx:
            records = {row["id"] for row in tx.rows(f"SELECT id FROM {school.plural}")}
            found = {
                (row["object_id"], row["subject_kind"], row["subject_id"]) for row in tx.rows("SELECT * FROM links")
            }
            assert found == {
                (row["object_id"], row["subject_kind"], row["subject_id"])
                for row in tx.rows(f"SELECT * FROM {school.kind}_links")
            }
            by_verb = {
                (link.object_id, link.subject_kind, link.subject_id)
                for record in records
                for group in links.of_record(tx, school.kind, record)
                for link in group.links
            }
            assert by_verb == found
            seen[name] = records, found
    lia, ivo = (school.chess, "contact", school.lia), (school.chess, "contact", school.ivo)
    deal = (school.english, "deal", school.deal)
    both = {school.english, school.chess}
    for name in ("ada", "marta", "rui"):
        assert seen[name] == (both, {lia, ivo, deal})
    assert seen["ana"] == (both, {lia, deal})
    assert seen["bob"] == (both if shared else {school.chess}, {ivo})
    assert seen["vera"] == (both if shared else set(), set())
    with store.writing(team.ana) as tx:
        with pytest.raises(NotFound):
            links.link(tx, school.kind, school.chess, "contact", school.ivo)
        with pytest.raises(NotFound):
            links.page(tx, "contact", school.ivo, school.kind)


def test_a_rep_does_not_link_a_record_that_they_do_not_see(store: Store, team: Team, school: School) -> None:
    owner_privacy(store, team)
    with store.writing(team.ana) as tx, pytest.raises(NotFound):
        links.link(tx, school.kind, school.chess, "contact", school.lia)


def test_a_team_sees_the_records_that_are_linked_to_its_contacts(store: Store, team: Team, school: School) -> None:
    owner_privacy(store, team)
    with store.writing(team.ada) as tx:
        crew = teams.create(tx, "North")
        teams.change(tx, crew.id, member_ids=[team.ids.ana])
        contacts.edit(tx, school.ivo, team_id=crew.id)
        links.link(tx, school.kind, school.chess, "contact", school.ivo)
    with store.reading(team.ana) as tx:
        assert registry.room(school.kind).get(tx, school.chess).id == school.chess


def test_a_company_shows_the_records_of_its_visible_contacts(store: Store, team: Team, school: School) -> None:
    with store.writing(team.marta) as tx:
        company = companies.create(tx, name="Aurora").id
        for contact in (school.lia, school.ivo):
            contacts.edit(tx, contact, company_id=company)
            links.link(tx, school.kind, school.chess, "contact", contact)
        (group,) = links.of_company(tx, company)
        assert (group.total, {link.subject_name for link in group.links}) == (2, {"Lia", "Ivo"})
    owner_privacy(store, team)
    with store.reading(team.ana) as tx:
        (group,) = links.of_company(tx, company)
        assert (group.total, [link.subject_name for link in group.links]) == (1, ["Lia"])


def test_a_page_holds_the_latest_links_first(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        for number in range(5):
            contact = contacts.create(tx, name=f"Student {number}").id
            links.link(tx, school.kind, school.english, "contact", contact, linked_on=date(2026, 1, 1 + number))
        (group,) = links.of_record(tx, school.kind, school.english, limit=2)
        assert (group.total, [link.subject_name for link in group.links]) == (5, ["Student 4", "Student 3"])
        rest = links.page(tx, school.kind, school.english, "contact", offset=4, limit=2)
        assert (rest.total, [link.subject_name for link in rest.links]) == (5, ["Student 0"])


def test_a_deleted_type_takes_its_links_out_of_sight_and_its_restoring_brings_them_back(
    store: Store, team: Team, school: School
) -> None:
    with store.writing(team.ana) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
    with store.writing(team.ada) as tx:
        objects.delete(tx, school.type_id)
        assert links.of_subject(tx, "contact", school.lia) == []
        assert tx.value("SELECT count(*) FROM links") == 0
        with pytest.raises(NotFound):
            links.get(tx, made.id)
        with pytest.raises(NotFound):
            links.get_label(tx, school.student)
        objects.restore(tx, school.type_id)
        assert links.get(tx, made.id) == made


def test_the_view_of_links_stands_without_any_custom_type(store: Store, team: Team) -> None:
    for actor in (SYSTEM, team.ana):
        with store.reading(actor) as tx:
            assert tx.rows("SELECT * FROM links") == []
