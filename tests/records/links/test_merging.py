"""What becomes of links when one of their sides is merged, goes for good, or is of a person who is erased."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest

from crm import contacts, deals
from crm.foundation.access import SYSTEM
from crm.privacy import erasing, personal_export
from crm.privacy.erasing.run import run
from crm.records import links, merging, registry
from crm.records.links import Link
from crm.store import Store
from crm.verify import verify
from crm.worker import housekeeping
from tests.people import Team
from tests.records.links.building import School

DAY = date(2026, 3, 2)


def of(store: Store, team: Team, kind: str, record_id: int) -> list[tuple[str, str | None, date | None]]:
    with store.reading(team.ada) as tx:
        found = links.of_record if registry.is_custom(kind) else links.of_subject
        groups = found(tx, kind, record_id)

        def other(link: Link) -> str:
            return link.subject_name if registry.is_custom(kind) else link.object_name

        return sorted((other(link), link.label, link.linked_on) for group in groups for link in group.links)


def test_a_merge_of_contacts_moves_links_with_label_and_day_and_an_unmerge_moves_them_back(
    store: Store, team: Team, school: School
) -> None:
    with store.writing(team.ada) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        links.link(tx, school.kind, school.english, "contact", school.ivo, label="guardian")
        links.link(tx, school.kind, school.chess, "contact", school.ivo, label="guardian", linked_on=DAY)
        plan = merging.preview(tx, "contact", school.lia, school.ivo)
        assert plan.moves["links"] == 1
        merging.merge(tx, "contact", school.lia, school.ivo)
    assert of(store, team, "contact", school.lia) == [("Chess", "guardian", DAY), ("English", "student", None)]
    assert of(store, team, school.kind, school.english) == [("Lia", "student", None)]
    assert verify(store) == []
    with store.writing(team.ada) as tx:
        (merge,) = merging.merges_into(tx, "contact", school.lia)
        merging.unmerge(tx, merge.subject_kind, merge.id)
    assert of(store, team, "contact", school.lia) == [("English", "student", None)]
    assert of(store, team, "contact", school.ivo) == [("Chess", "guardian", DAY), ("English", "guardian", None)]


def test_merges_one_after_the_other_give_each_its_own_link_back_though_it_was_unlinked_meanwhile(
    store: Store, team: Team, school: School
) -> None:
    with store.writing(team.ada) as tx:
        leo = contacts.create(tx, name="Leo").id
        links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        links.link(tx, school.kind, school.english, "contact", school.ivo, label="guardian")
        links.link(tx, school.kind, school.english, "contact", leo, linked_on=DAY)
        merging.merge(tx, "contact", school.lia, school.ivo)
        merging.merge(tx, "contact", leo, school.lia)
    assert of(store, team, school.kind, school.english) == [("Leo", None, DAY)]
    assert verify(store) == []
    with store.writing(team.ada) as tx:
        one = links.of_subject(tx, "contact", leo)[0].links[0]
        links.unlink(tx, one.id)
        (merge,) = merging.merges_into(tx, "contact", leo)
        merging.unmerge(tx, "contact", merge.id)
    assert of(store, team, school.kind, school.english) == [("Lia", "student", None)]
    with store.writing(team.ada) as tx:
        (merge,) = merging.merges_into(tx, "contact", school.lia)
        merging.unmerge(tx, "contact", merge.id)
    assert of(store, team, school.kind, school.english) == [("Ivo", "guardian", None), ("Lia", "student", None)]
    assert verify(store) == []


def test_a_merge_of_custom_records_moves_their_links_and_an_unmerge_moves_them_back(
    store: Store, team: Team, school: School
) -> None:
    with store.writing(team.ada) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        links.link(tx, school.kind, school.chess, "contact", school.lia, label="guardian")
        links.link(tx, school.kind, school.chess, "contact", school.ivo, label="guardian", linked_on=DAY)
        links.link(tx, school.kind, school.chess, "deal", school.deal)
        merging.merge(tx, school.kind, school.english, school.chess)
    everything = [("Ivo", "guardian", DAY), ("Lessons", None, None), ("Lia", "student", None)]
    assert of(store, team, school.kind, school.english) == everything
    assert verify(store) == []
    with store.writing(team.ada) as tx:
        (merge,) = merging.merges_into(tx, school.kind, school.english)
        merging.unmerge(tx, merge.subject_kind, merge.id)
    assert of(store, team, school.kind, school.english) == [("Lia", "student", None)]
    assert len(of(store, team, school.kind, school.chess)) == 3


@pytest.mark.parametrize("side", ["contact", "deal", "custom"])
def test_a_side_that_goes_for_good_takes_its_links_with_it(store: Store, team: Team, school: School, side: str) -> None:
    with store.writing(team.ada) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia)
        links.link(tx, school.kind, school.english, "deal", school.deal)
        links.link(tx, school.kind, school.chess, "contact", school.ivo)
        gone = {"contact": ("contact", school.lia), "deal": ("deal", school.deal)}.get(
            side, (school.kind, school.english)
        )
        registry.room(gone[0]).delete(tx, gone[1])
        assert tx.value("SELECT count(*) FROM base.links") == 3
        tx.run(
            f"UPDATE base.{registry.get(gone[0]).plural} SET deleted_at = $then WHERE id = $id",
            then=tx.now - timedelta(days=31),
            id=gone[1],
        )
    with store.writing(SYSTEM) as tx:
        housekeeping.empty_bin(tx)
        assert tx.value("SELECT count(*) FROM base.links") == (1 if side == "custom" else 2)
    assert verify(store) == []


def test_links_of_a_contact_in_the_bin_come_back_with_it(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ada) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        contacts.delete(tx, school.lia)
    assert of(store, team, school.kind, school.english) == []
    with store.writing(team.ada) as tx:
        contacts.restore(tx, school.lia)
    assert of(store, team, school.kind, school.english) == [("Lia", "student", None)]


def test_an_export_of_a_person_names_what_they_are_linked_to(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ada) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia, label="student", linked_on=DAY)
    archive = io.BytesIO()
    personal_export.write(store, team.ada, school.lia, archive)
    with zipfile.ZipFile(archive) as packed:
        assert json.loads(packed.read("links.json")) == [
            {"type": "Course", "id": school.english, "name": "English", "label": "student", "linked_on": "2026-03-02"}
        ]
        assert "links.json" in packed.read("read me.txt").decode()


def test_an_erased_person_leaves_neither_links_nor_their_name_in_what_was_told(
    store: Store, team: Team, school: School
) -> None:
    with store.writing(team.ada) as tx:
        contacts.edit(tx, school.lia, name="Lia Quental", email="lia@quental.example")
        links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        deals.edit(tx, school.deal, title="Lessons of 2026")
    with store.writing(team.ada) as tx:
        erasure = erasing.begin(tx, school.lia, sure=erasing.SURE)
    run(store, erasure.id)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.links") == 0
        assert tx.value("SELECT count(*) FROM base.events WHERE contains(particulars, 'Quental')") == 0
        assert registry.room(school.kind).get(tx, school.english).shown_name == "English"
    assert verify(store) == []


def test_each_fault_of_links_is_found(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ada) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        tx.run("INSERT INTO base.link_labels VALUES (7, 'object_2', 'pupil', [], 1, now())")
    for change, fault in (
        ("object_id = 99", "a link of a record that is not there"),
        ("subject_id = 99", "a link to a contact or deal that is not there"),
        ("link_label_id = 7", "a link with a label of another type"),
    ):
        with store.writing(SYSTEM) as tx:
            tx.run(f"UPDATE base.links SET {change} WHERE id = {made.id}")
        assert any(fault in found for found in verify(store)), fault
        with store.writing(SYSTEM) as tx:
            tx.run(
                "UPDATE base.links SET object_id = $english, subject_id = $lia, link_label_id = NULL",
                english=school.english,
                lia=school.lia,
            )
