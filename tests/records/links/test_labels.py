"""The labels of links: who keeps them, and what becomes of links when one goes."""

import pytest

from crm import objects
from crm.foundation.errors import Duplicate, Forbidden, Invalid, NotFound
from crm.records import links
from crm.store import Store
from tests.people import Team
from tests.records.links.building import School


def names(store: Store, team: Team, school: School) -> list[str]:
    with store.reading(team.vera) as tx:
        return [label.name for label in links.labels(tx, school.kind)]


def test_labels_are_added_renamed_and_put_in_order(store: Store, team: Team, school: School) -> None:
    with store.writing(team.marta) as tx:
        teacher = links.add_label(tx, school.kind, " teacher ")
        links.rename_label(tx, school.student, "pupil")
        links.reorder_labels(tx, school.kind, [teacher.id, school.guardian, school.student])
        assert [event.name for event in tx.recorded] == [
            "link_label.added",
            "link_label.renamed",
            "link_label.reordered",
        ]
    assert names(store, team, school) == ["teacher", "guardian", "pupil"]


def test_a_new_name_shows_on_every_link(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
    with store.writing(team.marta) as tx:
        links.rename_label(tx, school.student, "Student")
        assert links.get(tx, made.id).label == "Student"


def test_a_name_that_is_taken_or_none_is_refused(store: Store, team: Team, school: School) -> None:
    with store.writing(team.marta) as tx:
        for refused in (lambda: links.add_label(tx, school.kind, "STUDENT"),
                        lambda: links.rename_label(tx, school.guardian, "Student")):  # fmt: skip
            with pytest.raises(Duplicate):
                refused()
        for name in ("", "x" * 41):
            with pytest.raises(Invalid):
                links.add_label(tx, school.kind, name)
        with pytest.raises(Invalid):
            links.reorder_labels(tx, school.kind, [school.student])
        with pytest.raises(NotFound):
            links.add_label(tx, "object_99", "student")
        with pytest.raises(NotFound):
            links.rename_label(tx, 99, "student")


def test_links_of_a_deleted_label_stay_without_one_or_with_another(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        one = links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        other = links.link(tx, school.kind, school.chess, "contact", school.lia, label="guardian")
    with store.writing(team.marta) as tx:
        assert links.uses(tx, school.student) == 1
        assert links.delete_label(tx, school.student, into=school.guardian) == 1
        assert links.get(tx, one.id).label == "guardian"
        assert links.delete_label(tx, school.guardian) == 2
        assert [links.get(tx, link.id).label for link in (one, other)] == [None, None]
    assert names(store, team, school) == []


def test_a_label_gives_way_only_to_another_of_its_type(store: Store, team: Team, school: School) -> None:
    with store.writing(team.marta) as tx:
        other = objects.create(tx, singular="Room", plural="Rooms")
        hers = links.add_label(tx, other.kind, "student")
        for into in (hers.id, school.student):
            with pytest.raises(Invalid):
                links.delete_label(tx, school.student, into=into)


@pytest.mark.parametrize("who", ["ana", "vera", "rui"])
def test_only_those_who_manage_custom_objects_keep_labels(store: Store, team: Team, school: School, who: str) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, who)) as tx:
        links.add_label(tx, school.kind, "teacher")
    with pytest.raises(Forbidden), store.writing(getattr(team, who)) as tx:
        links.delete_label(tx, school.student)


def test_a_template_brings_its_labels(store: Store, team: Team, school: School) -> None:
    with store.writing(team.marta) as tx:
        template = next(one for one in objects.TEMPLATES if one.key == "real_estate")
        homes = objects.from_template(tx, template)[0]
        assert [label.name for label in links.labels(tx, homes.kind)] == ["owner", "interested", "tenant"]


def test_a_purged_type_leaves_no_label(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
    with store.writing(team.ada) as tx:
        objects.delete(tx, school.type_id)
        tx.run("UPDATE base.object_types SET deleted_at = deleted_at - INTERVAL 31 DAY")
        objects.purge(tx)
        assert tx.value("SELECT count(*) FROM base.link_labels") == 0
        assert tx.value("SELECT count(*) FROM base.links") == 0
        assert tx.rows("SELECT view_name FROM duckdb_views() WHERE contains(view_name, $k)", k=school.kind) == []
