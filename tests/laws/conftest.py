"""Every registered record type, and one that the product does not have, in a store where all modules are on."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm import companies, contacts, deals, objects, pipelines
from crm.foundation.access import SYSTEM
from crm.platform.people import teams
from crm.records import lists, registry
from crm.records.attributes import AttributeType
from crm.records.declaration import RecordType
from crm.store import Store
from tests.laws import registering
from tests.laws.samples import Samples
from tests.people import Team


@pytest.fixture
def visits(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A type that the product does not have: registered, with its table, as a migration would make it."""
    if "visit" in registry.DECLARED:  # a copy of the product in which README's recipe was followed
        yield
        return
    monkeypatch.setitem(registry.DECLARED, "visit", registering.DECLARED_IN)
    registering.lay(store)
    yield
    registry.declared.cache_clear()
    lists.source.cache_clear()


@pytest.fixture
def everything_on(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = true")


CUSTOM = "custom"


@pytest.fixture(params=list(dict.fromkeys([*registry.DECLARED, "visit", CUSTOM])))
def of(request: pytest.FixtureRequest, store: Store, everything_on: None, visits: None) -> RecordType[Any]:
    return made_by_a_team(store) if request.param == CUSTOM else registry.get(request.param)


def made_by_a_team(store: Store) -> RecordType[Any]:
    """A custom type with a field of every type."""
    with store.writing(SYSTEM) as tx:
        made = objects.create(tx, singular="Course", plural="Courses", primary="Title")
        for each in AttributeType:
            values = ("Glad", "Cross") if each is AttributeType.LIST else ()
            objects.add_field(tx, made.id, name=f"Its {each}", type=each, values=values)
        objects.add_field(tx, made.id, name="Code", type=AttributeType.TEXT, unique=True)
    return registry.get(made.kind)


@pytest.fixture
def samples(store: Store, team: Team, of: RecordType[Any]) -> Samples:
    with store.writing(team.ada) as tx:
        pipeline = pipelines.create(tx, "Lessons", ["New", "Next"])
        people = [contacts.create(tx, name=name, owner_id=team.ids.ada).id for name in ("Lia", "Rui")]
        firms = [companies.create(tx, name=name, owner_id=team.ids.ada).id for name in ("Aurora", "Lanterna")]
        sold = [deals.create(tx, title=title, pipeline_id=pipeline.id).id for title in ("Chairs", "Lamps")]
        crews = [teams.create(tx, name).id for name in ("North", "South")]
    return Samples(
        of,
        {
            "users": (team.ids.ada, team.ids.marta),
            "teams": (crews[0], crews[1]),
            "contact": (people[0], people[1]),
            "company": (firms[0], firms[1]),
            "deal": (sold[0], sold[1]),
            "base.pipelines": (pipeline.id, pipeline.id),
            "base.stages": (pipeline.open_stages[0].id, pipeline.open_stages[1].id),
        },
    )


@pytest.fixture
def apart(of: RecordType[Any], samples: Samples) -> dict[str, Any]:
    """What creating takes beside the fields."""
    return {"pipeline_id": samples.pointed["base.pipelines"][0]} if "pipeline_id" in of.extra_arguments else {}
