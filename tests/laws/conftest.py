"""Every registered record type, and one that the product does not have, in a store where all modules are on.

The store is made once for each process, and copied: the tables and views of a type take longer than most laws.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

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
from tests.people import Team, find

CUSTOM = "custom"


@dataclass(frozen=True)
class Prepared:
    """A store, to be copied, and what is in it."""

    folder: Path
    kind: str = ""
    """The key of its custom type."""
    pointed: dict[str, tuple[int, int]] | None = None
    """Records that those of a type may point to, if there are any."""


Prepare: TypeAlias = Callable[[bool, bool], Prepared]

FOREIGN = "visit" not in registry.DECLARED
"""False in a copy of the product in which README's recipe was followed."""


@pytest.fixture(scope="session")
def prepare(tmp_path_factory: pytest.TempPathFactory, staffed_store: Path) -> Prepare:
    """Call it with whether there is to be a custom type, and whether there are to be samples."""

    @cache
    def prepared(custom: bool, sampled: bool) -> Prepared:
        folder = shutil.copytree(staffed_store, tmp_path_factory.mktemp("laws") / "store")
        store = Store(folder, threads=1)
        with store.writing(SYSTEM) as tx:
            tx.run("UPDATE base.modules SET enabled = true")
        with registered():
            if FOREIGN:
                registering.lay(store)
            kind = made_by_a_team(store).key if custom else ""
            pointed = pointed_to(store) if sampled else None
            store.close()
            Store(folder, threads=1).close()  # what the next start of the product does with new views is done
        return Prepared(folder, kind, pointed)

    return prepared


@contextmanager
def registered() -> Iterator[None]:
    """Visits are among the types that the product declares."""
    with pytest.MonkeyPatch.context() as patch:
        if FOREIGN:
            patch.setitem(registry.DECLARED, "visit", registering.DECLARED_IN)
        registry.declared.cache_clear()
        yield
        registry.declared.cache_clear()
        lists.source.cache_clear()


@pytest.fixture
def prepared(request: pytest.FixtureRequest, prepare: Prepare) -> Iterator[Prepared]:
    """The store of a law, and visits among the types for as long as it lasts."""
    found = prepare(request.node.callspec.params["of"] == CUSTOM, "samples" in request.fixturenames)
    with registered():
        yield found


@pytest.fixture
def original_store(request: pytest.FixtureRequest, original_store: Path) -> Path:
    if "prepared" not in request.fixturenames:
        return original_store
    found: Prepared = request.getfixturevalue("prepared")
    return found.folder


@pytest.fixture(params=list(dict.fromkeys([*registry.DECLARED, "visit", CUSTOM])))
def of(request: pytest.FixtureRequest, prepared: Prepared, store: Store, team: Team) -> RecordType[Any]:
    with store.reading(SYSTEM):  # from here on the types are those of this store
        return registry.get(prepared.kind if request.param == CUSTOM else request.param)


def made_by_a_team(store: Store) -> RecordType[Any]:
    """A custom type with a field of every type."""
    with store.writing(SYSTEM) as tx:
        made = objects.create(tx, singular="Course", plural="Courses", primary="Title")
        for each in AttributeType:
            values = ("Glad", "Cross") if each is AttributeType.LIST else ()
            objects.add_field(tx, made.id, name=f"Its {each}", type=each, values=values)
        objects.add_field(tx, made.id, name="Code", type=AttributeType.TEXT, unique=True)
    return registry.get(made.kind)


def pointed_to(store: Store) -> dict[str, tuple[int, int]]:
    """Two ids by what a reference points to."""
    who = find(store)
    with store.writing(Team(store).ada) as tx:
        pipeline = pipelines.create(tx, "Lessons", ["New", "Next"])
        people = [contacts.create(tx, name=name, owner_id=who.ada).id for name in ("Lia", "Rui")]
        firms = [companies.create(tx, name=name, owner_id=who.ada).id for name in ("Aurora", "Lanterna")]
        sold = [deals.create(tx, title=title, pipeline_id=pipeline.id).id for title in ("Chairs", "Lamps")]
        crews = [teams.create(tx, name).id for name in ("North", "South")]
    return {
        "users": (who.ada, who.marta),
        "teams": (crews[0], crews[1]),
        "contact": (people[0], people[1]),
        "company": (firms[0], firms[1]),
        "deal": (sold[0], sold[1]),
        "base.pipelines": (pipeline.id, pipeline.id),
        "base.stages": (pipeline.open_stages[0].id, pipeline.open_stages[1].id),
    }


@pytest.fixture
def samples(of: RecordType[Any], prepared: Prepared) -> Samples:
    assert prepared.pointed is not None
    return Samples(of, prepared.pointed)


@pytest.fixture
def apart(of: RecordType[Any], samples: Samples) -> dict[str, Any]:
    """What creating takes beside the fields."""
    return {"pipeline_id": samples.pointed["base.pipelines"][0]} if "pipeline_id" in of.extra_arguments else {}
