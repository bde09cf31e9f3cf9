"""A custom type with labels, records of it, and a contact and a deal to link them to."""

from dataclasses import dataclass

import pytest

from crm import contacts, deals, objects, pipelines
from crm.foundation.access import Module
from crm.platform import workspace
from crm.records import links, registry
from crm.store import Store
from tests.people import Team


@dataclass(frozen=True)
class School:
    """Ana’s contact Lia and deal, Bob’s contact Ivo, and courses: Ana’s English, Bob’s Chess."""

    type_id: int
    kind: str
    plural: str
    english: int
    chess: int
    lia: int
    ivo: int
    deal: int
    student: int
    guardian: int


@pytest.fixture
def school(store: Store, team: Team) -> School:
    return build(store, team)


def build(store: Store, team: Team, *, shared: bool = False) -> School:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        pipeline = pipelines.create(tx, "Enrolling", ["New", "Next"])
    with store.writing(team.ada) as tx:
        made = objects.create(tx, singular="Course", plural="Courses", shared=shared)
        objects.add_field(tx, made.id, name="Price", type="currency")
        objects.add_field(tx, made.id, name="Level", type="list", values=["Beginner", "Advanced"])
        student, guardian = (links.add_label(tx, made.kind, name).id for name in ("student", "guardian"))
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia").id
        deal = deals.create(tx, title="Lessons", pipeline_id=pipeline.id).id
        english = registry.room(made.kind).create(tx, name="English", level="Beginner").id
    with store.writing(team.bob) as tx:
        ivo = contacts.create(tx, name="Ivo").id
        chess = registry.room(made.kind).create(tx, name="Chess", level="Advanced").id
    plural = f"objects_{made.id}"
    return School(made.id, made.kind, plural, english, chess, lia, ivo, deal, student, guardian)
