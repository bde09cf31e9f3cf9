"""What is done once a day, seen a while later."""

import os
import time
from datetime import timedelta

import pytest

from crm import companies, contacts, deals, imports, pipelines
from crm.foundation import clock
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import NotFound
from crm.imports import Options
from crm.platform import files, jobs, workspace
from crm.records import attachments, notes
from crm.verify import verify
from crm.webhooks import inbound
from crm.worker import housekeeping, work_one


@pytest.fixture
def later(monkeypatch):
    """The clock, put on by so many days."""
    began = clock.now

    def put_on(days: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: began() + timedelta(days=days))

    return put_on


def attach(store, team, kind, record_id, content):
    sha256, size = files.keep(store, [content], 1000)
    with store.writing(team.ada) as tx:
        attached = attachments.attach(
            tx, kind, record_id, sha256=sha256, file_name="a.txt", size=size, media_type="text/plain"
        )
    return store.folder / "uploads" / attached.sha256


def grown_old(path, days=10):
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def test_the_bin_is_emptied_after_thirty_days_with_what_belongs_to_the_records_alone(store, team, later):
    with store.writing(team.ada) as tx:
        pipeline = pipelines.create(tx, "Sales", ["Lead"])
        company = companies.create(tx, name="Casa")
        gone = contacts.create(tx, name="Gone", company_id=company.id)
        kept = contacts.create(tx, name="Kept", company_id=company.id)
        deal = deals.create(tx, title="Kept deal", pipeline_id=pipeline.id, contact_id=gone.id, company_id=company.id)
        lost = deals.create(tx, title="Gone deal", pipeline_id=pipeline.id, contact_id=kept.id)
        notes.add(tx, "contact", gone.id, "x")
        notes.add(tx, "deal", lost.id, "x")
    path = attach(store, team, "contact", gone.id, b"of gone alone")
    with store.writing(team.ada) as tx:
        contacts.delete(tx, gone.id)
        companies.delete(tx, company.id)
        deals.delete(tx, lost.id)
    later(29)
    housekeeping.run(store, 1)
    with store.writing(team.ada) as tx:
        contacts.restore(tx, gone.id)
        contacts.delete(tx, gone.id)
    later(60)
    grown_old(path)
    housekeeping.run(store, 1)
    with store.reading(team.ada) as tx:
        left = {table: tx.value(f"SELECT count(*) FROM base.{table}") for table in ("contacts", "companies", "deals")}
        assert left == {"contacts": 1, "companies": 0, "deals": 1}
        assert deals.get(tx, deal.id).contact_id is None
        assert contacts.get(tx, kept.id).company_id is None
        assert tx.value("SELECT count(*) FROM base.notes") == 0
        assert tx.value("SELECT count(*) FROM base.stage_events WHERE deal_id = $id", id=lost.id) == 0
    assert not path.exists()
    assert verify(store) == []


def test_what_was_merged_into_a_living_record_stays_so_that_the_merge_can_be_taken_back(store, team, later):
    from crm.records import merging

    with store.writing(team.ada) as tx:
        one = contacts.create(tx, name="Lia", email="lia@x.com")
        other = contacts.create(tx, name="Lia P", email="lia@y.com")
        merging.merge(tx, "contact", one.id, other.id)
    later(60)
    housekeeping.run(store, 1)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.contacts") == 2
    with store.writing(team.ada) as tx:
        contacts.delete(tx, one.id)
    later(120)
    housekeeping.run(store, 1)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.contacts") == 0
    assert verify(store) == []


def test_an_upload_of_which_nothing_was_made_goes_and_one_that_is_on_its_way_stays(store, team, later):
    sha256, size = files.keep(store, [b"name\nLia\n"], 1000)
    with store.writing(team.ada) as tx:
        files.register(tx, sha256=sha256, file_name="a.csv", size=size)
    path = store.folder / "uploads" / sha256
    housekeeping.run(store, 1)
    assert path.exists()
    later(3)
    half = store.folder / "uploads" / "arriving-1"
    half.write_bytes(b"half")
    grown_old(path)
    housekeeping.run(store, 1)
    assert not path.exists()
    assert half.exists()
    grown_old(half)
    housekeeping.run(store, 1)
    assert not half.exists()


def test_a_dry_run_that_nobody_went_through_with_is_cancelled_and_its_rows_go(store, team, later):
    sha256, size = files.keep(store, [b"name,email\nLia,lia@x.com\nRui,nope\n"], 1000)
    with store.writing(team.ada) as tx:
        upload = files.register(tx, sha256=sha256, file_name="a.csv", size=size)
        begun = imports.begin(tx, "contacts", upload.id, Options(dry_run=True))
    while work_one(store):
        pass
    outcomes = store.folder / "outcomes" / str(begun.id)
    assert outcomes.exists()
    later(31)
    housekeeping.run(store, 1)
    assert not outcomes.exists()
    with store.reading(team.ada) as tx:
        assert imports.get(tx, begun.id).state == "cancelled"
        assert tx.value("SELECT count(*) FROM base.import_rejects") == 0


def test_it_is_done_again_a_day_later(store, team, later):
    with store.writing(SYSTEM) as tx:
        housekeeping.schedule(tx)
        housekeeping.schedule(tx)
        assert tx.value("SELECT count(*) FROM base.jobs") == 1
    assert not work_one(store)
    later(0.5)
    assert work_one(store)
    assert not work_one(store)
    later(1.6)
    assert work_one(store)


def test_an_erasure_whose_job_failed_is_taken_up_again(store, team, later):
    from crm.privacy import erasing

    with store.writing(team.ada) as tx:
        lia = contacts.create(tx, name="Lia Prado")
        begun = erasing.begin(tx, lia.id, sure=erasing.SURE)
        job = jobs.claim(tx)
        jobs.finish(tx, job.id, "failed", "The disk was full.")
    housekeeping.run(store, 1)
    while work_one(store):
        pass
    with store.reading(team.ada) as tx:
        assert erasing.get(tx, begun.id).state == "done"
        with pytest.raises(NotFound):
            contacts.get(tx, lia.id)


def test_what_came_in_by_webhook_is_listed_for_ninety_days(store, team, later):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ada) as tx:
        inbound.make(tx, "commerce")
        inbound.make(tx, "commerce")
    with store.writing(inbound.webhook_of(store)) as tx:
        inbound.refused(tx, "commerce", "m1", 422, "title", "An order needs a title.")
    for days, kept in ((89, 1), (91, 0)):
        later(days)
        housekeeping.run(store, 1)
        with store.reading(team.ada) as tx:
            assert inbound.count(tx) == kept
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.webhook_secrets") == 1
