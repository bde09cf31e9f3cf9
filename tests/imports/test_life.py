"""An import's life: queued, at work, planned, done, failed or cancelled; and the process may end at any moment."""

import time

import pytest

from crm import imports, objects, worker
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Forbidden, Invalid, Unavailable
from crm.imports import Options
from crm.imports import run as import_run
from crm.platform import files, jobs, notices, workspace
from crm.records import registry
from crm.worker import Worker, work_one
from tests.imports.conftest import counts, finished, rows

CONTENT = "name,email\nAna,ana@x.com\nBob,nope\n"


def test_its_owner_is_told_with_true_counts(store, team, bring):
    done = bring(team.marta, "contacts", CONTENT)
    with store.reading(team.marta) as tx:
        told = notices.of_actor(tx)[0]
    assert told.text == "The import of contacts.csv is done: 2 rows read, 1 created, 1 rejected."
    assert told.link == f"/imports?import={done.id}"


def test_a_dry_run_tells_what_would_be_and_not_what_was(store, team, bring):
    bring(team.marta, "contacts", CONTENT, dry_run=True)
    with store.reading(team.marta) as tx:
        told = notices.of_actor(tx)[0]
    assert told.text == "The dry run of contacts.csv is ready: 2 rows read, 1 to create, 1 to reject."


def test_the_worker_does_what_is_queued(store, team, begin):
    worker = Worker(store)
    worker.start()
    try:
        begun = begin(team.marta, "contacts", CONTENT)
        for _ in range(200):
            with store.reading(team.marta) as tx:
                found = imports.get(tx, begun.id)
            if not found.at_work:
                break
            worker._ending.wait(0.05)
    finally:
        worker.stop()
    assert found.state == "done"


def test_a_queued_import_can_be_cancelled_and_is_not_run(store, team, begin):
    begun = begin(team.marta, "contacts", CONTENT)
    with store.writing(team.marta) as tx:
        imports.cancel(tx, begun.id)
    assert finished(store, team.marta, begun.id).state == "cancelled"
    assert rows(store, team.marta, "SELECT count(*) FROM contacts") == [(0,)]


def test_one_that_is_cancelled_while_it_reads_writes_nothing(store, team, begin, monkeypatch):
    begun = begin(team.marta, "contacts", CONTENT)
    read = import_run.read_file

    def read_and_be_cancelled(*args, **kwargs):
        with store.writing(team.marta) as tx:
            imports.cancel(tx, begun.id)
        return read(*args, **kwargs)

    monkeypatch.setattr(import_run, "read_file", read_and_be_cancelled)
    assert finished(store, team.marta, begun.id).state == "cancelled"
    assert rows(store, team.marta, "SELECT count(*) FROM contacts") == [(0,)]


def test_what_is_done_is_not_cancelled(store, team, bring):
    done = bring(team.marta, "contacts", CONTENT)
    with pytest.raises(Invalid, match="nothing left to cancel"), store.writing(team.marta) as tx:
        imports.cancel(tx, done.id)


def test_only_what_is_planned_is_applied(store, team, bring):
    done = bring(team.marta, "contacts", CONTENT)
    with pytest.raises(Invalid, match="Only a planned import"), store.writing(team.marta) as tx:
        imports.apply(tx, done.id)


def test_a_job_that_ran_when_the_process_ended_is_taken_up_again(store, team, begin):
    begun = begin(team.marta, "contacts", CONTENT)
    with store.writing(SYSTEM) as tx:
        assert jobs.claim(tx)
    assert not work_one(store)
    with store.writing(SYSTEM) as tx:
        assert jobs.requeue_interrupted(tx) == 1
    assert counts(finished(store, team.marta, begun.id)) == (1, 0, 0, 0, 1)


def test_one_that_had_written_before_the_process_ended_is_not_written_twice(store, team, begin):
    begun = begin(team.marta, "contacts", "name\nAna\n")
    import_run.run(store, begun.id)
    assert finished(store, team.marta, begun.id).state == "done"
    assert rows(store, team.marta, "SELECT count(*) FROM contacts") == [(1,)]


def test_a_fault_half_way_through_writing_leaves_nothing(store, team, begin, monkeypatch):
    begun = begin(team.ada, "contacts", CONTENT, new_attributes={"Plan": "text"})

    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(import_run.rejects, "keep", fail)
    found = finished(store, team.ada, begun.id)
    assert (found.state, found.created) == ("failed", 0)
    assert "nothing was written" in found.message
    assert rows(store, team.ada, "SELECT count(*) FROM contacts") == [(0,)]
    assert rows(store, team.ada, "SELECT count(*) FROM attributes") == [(0,)]


def test_what_changed_between_dry_run_and_import_is_taken_as_it_is_now(store, team, bring):
    planned = bring(team.marta, "contacts", "email,city\nana@x.com,Recife\n", dry_run=True)
    bring(team.marta, "contacts", "name,email,city\nAna,ana@x.com,Porto\n")
    with store.writing(team.marta) as tx:
        imports.apply(tx, planned.id)
    assert counts(finished(store, team.marta, planned.id)) == (0, 0, 1, 0, 0)


def test_a_template_with_its_example_imports_cleanly(store, team, bring, pipeline):
    with store.writing(team.ada) as tx:
        from crm.records import attributes

        attributes.define(tx, model="contact", name="Plano", type="text")
    for kind in ("companies", "contacts", "deals"):
        with store.reading(team.ada) as tx:
            template = imports.template_csv(tx, kind)
        done = bring(
            team.ada,
            kind,
            template.replace(b"ana@example.com", b"ana@mallard.test.example.com").replace(b"Proposal", b"Lead"),
            make_companies=True,
            leave_unknown=True,
        )
        assert (done.state, counts(done)) == ("done", (1, 0, 0, 0, 0))
        assert "" not in {*done.found["mapping"].values()}


def test_a_mapping_is_kept_for_the_next_file(store, team):
    wanted = Options(mapping={"Kunde": "name"}, constants={"country": "Brasil"}, on_duplicate="skip")
    with store.writing(team.marta) as tx:
        imports.save_mapping(tx, "contacts", "  Shop ", wanted)
    with store.reading(team.ada) as tx:
        assert imports.mappings(tx, "contacts") == {"Shop": wanted}
        assert imports.mappings(tx, "deals") == {}


@pytest.mark.parametrize("name", ["", "x" * 81, "a\0b"])
def test_a_mapping_has_a_name_that_can_be_shown(store, team, name):
    with pytest.raises(Invalid), store.writing(team.marta) as tx:
        imports.save_mapping(tx, "contacts", name, Options())


def test_an_upload_over_the_limit_leaves_no_file(store):
    with pytest.raises(Invalid, match="larger than"):
        files.keep(store, [b"x" * 600, b"x" * 600], 1000)
    assert list(files.folder(store).iterdir()) == []


def test_the_same_file_is_stored_once(store, team, bring):
    bring(team.marta, "contacts", CONTENT)
    bring(team.marta, "contacts", CONTENT)
    assert len(list(files.folder(store).iterdir())) == 1


def test_a_job_whose_end_could_not_be_written_is_taken_up_again(store, team, begin, monkeypatch):
    begun = begin(team.marta, "contacts", "name\nAna\n")
    finish, tries = jobs.finish, []

    def fail_once(*args):
        tries.append(args)
        if len(tries) == 1:
            raise Unavailable("The disk is full.")
        finish(*args)

    monkeypatch.setattr(jobs, "finish", fail_once)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    working = Worker(store)
    working.start()
    try:
        deadline = time.monotonic() + 20
        while len(tries) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        working.stop()
    assert finished(store, team.marta, begun.id).state == "done"
    assert rows(store, team.marta, "SELECT state FROM base.jobs WHERE kind = 'import'") == [("done",)]


def test_one_that_is_stopped_while_it_writes_leaves_nothing(store, team, begin, monkeypatch):
    """The wish comes while the import holds the writer's place: it gives up before its next statement."""
    begun = begin(team.marta, "contacts", CONTENT)
    create = import_run.write.create

    def create_and_be_stopped(*args):
        with store.reading(team.marta) as tx:
            imports.interrupt(tx, begun.id)
        return create(*args)

    monkeypatch.setattr(import_run.write, "create", create_and_be_stopped)
    assert import_run.run(store, begun.id) == "cancelled"
    with store.writing(team.marta) as tx:
        assert imports.cancel(tx, begun.id).state == "cancelled"
    assert rows(store, team.marta, "SELECT count(*) FROM contacts") == [(0,)]


def test_who_may_not_import_stops_none(store, team, begin):
    begun = begin(team.marta, "contacts", CONTENT)
    with pytest.raises(Forbidden), store.reading(team.vera) as tx:
        imports.interrupt(tx, begun.id)
    assert finished(store, team.marta, begun.id).state == "done"


@pytest.mark.parametrize("undoing", [False, True])
def test_one_whose_type_was_deleted_meanwhile_fails_and_says_so(store, team, begin, undoing):
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        course = objects.create(tx, singular="Course", plural="Courses")
    begun = begin(team.marta, registry.get(course.kind).plural, "Name\nEnglish\n")
    if undoing:
        finished(store, team.marta, begun.id)
        with store.writing(team.marta) as tx:
            imports.undo(tx, begun.id)
    with store.writing(SYSTEM) as tx:
        objects.delete(tx, course.id)
    while work_one(store):
        pass
    with store.reading(team.marta) as tx:
        told = notices.of_actor(tx)[0].text
        [job] = tx.rows(
            "SELECT state, message FROM base.jobs WHERE kind LIKE $kind", kind="%undo%" if undoing else "import"
        )
    assert "The type of record “courses” was deleted before this was done, so nothing was changed." in told
    assert job == {"state": "failed", "message": None}
    with store.writing(SYSTEM) as tx:
        objects.restore(tx, course.id)
    with store.reading(team.marta) as tx:
        found = imports.get(tx, begun.id)
    assert (found.undo_state if undoing else found.state) == "failed"
    assert not found.at_work
