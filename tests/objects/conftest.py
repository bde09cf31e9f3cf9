"""A store in which the module of custom objects is on."""

import pytest

from crm import objects
from crm.foundation.access import SYSTEM, Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.store import Store
from tests.people import Team


@pytest.fixture
def course(store: Store, team: Team) -> ObjectType:
    """The type Course, named by its Name."""
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        return objects.create(tx, singular="Course", plural="Courses")
