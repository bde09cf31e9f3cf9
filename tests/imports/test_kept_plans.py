"""A plan that a dry run has made is used when it is applied, if nothing that it depends on has changed since."""

import pytest

from crm import imports, objects
from crm.foundation.access import SYSTEM, Module
from crm.imports import kept_plans
from crm.imports import run as import_run
from crm.objects import field_verbs
from crm.platform import workspace
from crm.records import attributes, registry
from crm.worker import Worker
from tests.imports.conftest import counts, finished, rows

CONTENT = "name,email,Size\nAna,ana@x.com,2\nBob,nope,3\nCleo,cleo@x.com,many\n"


@pytest.fixture
def made(monkeypatch):
    """The plans that are made, each by the total of its file."""
    found: list[int] = []
    plan = import_run.plan

    def counted(*args):
        found.append(args[2].total)
        return plan(*args)

    monkeypatch.setattr(import_run, "plan", counted)
    return found


def applied(store, actor, import_id):
    with store.writing(actor) as tx:
        imports.apply(tx, import_id)
    return finished(store, actor, import_id)


def test_what_a_dry_run_has_planned_is_applied_without_reading_the_file_again(store, team, bring, made, monkeypatch):
    planned = bring(team.marta, "contacts", CONTENT, dry_run=True, new_attributes={"Size": "number"})
    monkeypatch.setattr(import_run, "read_file", lambda *_, **__: pytest.fail("the file was read again"))
    done = applied(store, team.marta, planned.id)
    assert (done.state, counts(done)) == ("done", (1, 0, 0, 0, 2))
    assert made == [3]
    with store.reading(team.marta) as tx:
        rejected = imports.rejected(tx, done.id)
    assert [(row["line"], row["cells"]) for row in rejected] == [
        (3, ["Bob", "nope", "3"]),
        (4, ["Cleo", "cleo@x.com", "many"]),
    ]
    assert rows(store, team.marta, "SELECT name, email FROM contacts") == [("Ana", "ana@x.com")]
    assert done.found["mapping"] == planned.found["mapping"]


def test_what_changed_in_the_store_since_the_dry_run_is_seen(store, team, bring, made):
    planned = bring(team.marta, "contacts", CONTENT, dry_run=True)
    bring(team.marta, "contacts", "name,email\nAnna,ana@x.com\n")
    done = applied(store, team.marta, planned.id)
    assert counts(done)[:2] == (1, 0)
    assert rows(store, team.marta, "SELECT name FROM contacts ORDER BY id") == [("Anna",), ("Cleo",)]
    assert made == [3, 1]


def test_a_field_that_changed_since_the_dry_run_is_planned_anew(store, team, bring, made):
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="contact", name="Size", type="list", values=["2"])
    planned = bring(team.marta, "contacts", CONTENT, dry_run=True)
    assert counts(planned)[4] == 2
    with store.writing(team.ada) as tx:
        attributes.add_values(tx, size.id, ["many"])
    assert counts(applied(store, team.marta, planned.id)) == (2, 0, 0, 0, 1)
    assert made == [3, 3]


def test_a_field_of_a_custom_type_that_became_required_is_planned_anew(store, team, bring, made):
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
    with store.writing(team.ada) as tx:
        course = objects.create(tx, singular="Course", plural="Courses", shared=True)
        level = objects.add_field(tx, course.id, name="Level", type="text")
        plural = registry.get(course.kind).plural
    planned = bring(team.marta, plural, "Name,Level\nFrench,A1\nEnglish,\n", dry_run=True)
    with store.writing(team.ada) as tx:
        field_verbs.set_required(tx, level.definition.id, True)
    assert counts(applied(store, team.marta, planned.id)) == (1, 0, 0, 0, 1)
    assert made == [2, 2]


def test_values_that_are_mapped_after_the_dry_run_are_planned_anew(store, team, bring, made):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="number")
    planned = bring(team.marta, "contacts", CONTENT, dry_run=True, bad_cells={"*": "empty"})
    with store.writing(team.marta) as tx:
        imports.map_values(tx, planned.id, {"email": {"nope": "bob@x.com"}})
    again = finished(store, team.marta, planned.id)
    assert again.state == "planned"
    applied(store, team.marta, planned.id)
    assert rows(store, team.marta, "SELECT email FROM contacts ORDER BY id") == [
        ("ana@x.com",),
        ("bob@x.com",),
        ("cleo@x.com",),
    ]


def test_rows_are_kept_no_longer_than_a_plan_can_be_applied(store, team, bring):
    planned = bring(team.marta, "contacts", CONTENT, dry_run=True)
    assert files_of(store)
    with store.writing(team.marta) as tx:
        imports.cancel(tx, planned.id)
    assert not files_of(store)
    planned = bring(team.marta, "contacts", CONTENT, dry_run=True)
    applied(store, team.marta, planned.id)
    assert not files_of(store)


def test_a_process_that_starts_deletes_what_the_last_one_kept_and_plans_anew(store, team, bring, made):
    planned = bring(team.marta, "contacts", CONTENT, dry_run=True)
    worker = Worker(store)
    worker.start()
    worker.stop()
    assert not files_of(store)
    assert counts(applied(store, team.marta, planned.id))[0] == 2
    assert made == [3, 3]


def test_a_disk_that_is_full_fails_no_dry_run(store, team, bring, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_plans, "_write", full)
    planned = bring(team.marta, "contacts", CONTENT, dry_run=True)
    assert planned.state == "planned"
    assert not files_of(store)
    assert counts(applied(store, team.marta, planned.id))[0] == 2


def test_the_latest_plans_are_kept(store, team, bring, monkeypatch):
    monkeypatch.setattr(kept_plans, "MOST", 1)
    bring(team.marta, "contacts", CONTENT, dry_run=True)
    bring(team.marta, "contacts", CONTENT, dry_run=True)
    assert len(files_of(store)) == 2


def files_of(store):
    return [path for path in (store.folder / kept_plans.FOLDER).rglob("*") if path.is_file()]
