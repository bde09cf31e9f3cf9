"""The audit log: everything, for administrators alone."""

import pytest

from crm import objects
from crm.foundation.access import SYSTEM, Module, Role
from crm.foundation.errors import Forbidden
from crm.platform import backups, workspace
from crm.platform.people import users
from crm.records import audit, registry
from crm.store import Store
from tests.people import Team


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_only_administrators_read_it(store: Store, team: Team, name: str) -> None:
    with pytest.raises(Forbidden), store.reading(getattr(team, name)) as tx:
        audit.find(tx)
    with pytest.raises(Forbidden), store.reading(getattr(team, name)) as tx:
        audit.kinds(tx)


def test_who_what_before_after_and_from_where(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.ana, role=Role.MANAGER)
    with store.reading(team.ada) as tx:
        entry = audit.find(tx, actor_id=team.ids.ada).items[0]
    assert (entry.actor_name, entry.name, entry.subject_kind, entry.subject_id, entry.source) == (
        "Ada", "user.changed", "user", team.ids.ana, "page",
    )  # fmt: skip
    assert entry.payload["changes"] == {"role": ["rep", "manager"]}


def test_it_is_filtered_searched_and_paged_with_a_true_total(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, name="Northwind")
        workspace.switch(tx, Module.COMPANIES, False)
    with store.reading(team.ada) as tx:
        assert audit.kinds(tx) == ["user", "workspace"]
        assert [entry.name for entry in audit.find(tx, kind="workspace").items] == [
            "module.switched",
            "workspace.changed",
        ]
        assert audit.find(tx, search="NORTHWIND").total == 1
        assert audit.find(tx, search="100%").total == 0
        everything = audit.find(tx, limit=3)
        rest = audit.find(tx, limit=100, offset=3)
    assert everything.total == 8
    assert len(everything.items) + len(rest.items) == 8
    assert not {entry.seq for entry in everything.items} & {entry.seq for entry in rest.items}


def test_a_backup_is_for_administrators_and_in_the_log(store: Store, team: Team) -> None:
    with pytest.raises(Forbidden):
        backups.make(store, team.marta)
    folder = backups.make(store, team.ada)
    assert (folder / "crm.duckdb").exists()
    with store.reading(team.ada) as tx:
        assert audit.find(tx).items[0].payload == {"folder": folder.name}


def test_records_of_a_custom_type_are_called_by_its_name_and_found_by_it(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
    with store.writing(team.ada) as tx:
        course = objects.create(tx, singular="Course", plural="Courses")
        registry.room(course.kind).create(tx, name="English")
    with store.reading(team.ada) as tx:
        found = audit.find(tx, search="course.created").items
        assert [audit.called(entry.name) for entry in found] == ["course.created"]
        assert audit.called("object_type.created") == "object_type.created"
        assert audit.find(tx, search="course.deleted").total == 0
    with store.writing(team.ada) as tx:
        objects.delete(tx, course.id)
    with store.reading(team.ada) as tx:
        assert audit.called(found[0].name) == "course.created"
