"""A school's courses, for everybody's tests: the module is on."""

import pytest

from crm import objects
from crm.foundation.access import Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records.attributes import AttributeType
from crm.store import Store
from tests.people import Team


@pytest.fixture(autouse=True)
def module_on(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, True)


@pytest.fixture
def courses(store: Store, team: Team) -> ObjectType:
    """Name, unique Code, Level of two, Price, Starts on, Places."""
    with store.writing(team.ada) as tx:
        made = objects.create(tx, singular="Course", plural="Courses")
        objects.add_field(tx, made.id, name="Code", type=AttributeType.TEXT, unique=True, pattern="[A-Z]+-[0-9]+")
        objects.add_field(tx, made.id, name="Level", type=AttributeType.LIST, values=("Beginner", "Advanced"))
        objects.add_field(tx, made.id, name="Price", type=AttributeType.CURRENCY)
        objects.add_field(tx, made.id, name="Starts on", type=AttributeType.DATE)
        objects.add_field(tx, made.id, name="Places", type=AttributeType.NUMBER)
    return made
