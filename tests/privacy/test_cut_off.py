"""An erasure that is cut off at any of its steps is taken up again, and ends as it would have."""

import pytest

from crm.foundation.access import SYSTEM
from crm.platform import jobs
from crm.privacy import erasing
from crm.privacy.erasing import run as erase_run
from crm.store import Store
from crm.verify import verify
from crm.worker import work_one
from tests.privacy.conftest import in_the_bytes, in_the_tables


class PowerCut(BaseException):
    pass


@pytest.mark.parametrize("step", ["_take_out", "_remove_files", "_renew", "_finish"])
def test_cut_off_before_a_step_it_is_finished_after_the_next_start(store, team, world, monkeypatch, step):
    with store.writing(team.ada) as tx:
        begun = erasing.begin(tx, world.lia.id, sure=erasing.SURE)

    def cut(*_):
        raise PowerCut

    with store.writing(SYSTEM) as tx:
        job = jobs.claim(tx)
    with monkeypatch.context() as patch:
        patch.setattr(erase_run, step, cut)
        with pytest.raises(PowerCut):
            erase_run.run(store, job.subject_id)
    folder = store.folder
    store.close()
    again = Store(folder, threads=1)
    with again.writing(SYSTEM) as tx:
        assert jobs.requeue_interrupted(tx) == 1
    while work_one(again):
        pass
    with again.reading(SYSTEM) as tx:
        assert erasing.get(tx, begun.id).state == "done"
    assert in_the_tables(again) == []
    assert in_the_bytes(folder) == []
    assert verify(again) == []
    again.close()


def test_a_contact_that_was_merged_away_meanwhile_takes_the_whole_person_along(store, team, world):
    from crm import contacts
    from crm.records import merging

    with store.writing(team.ada) as tx:
        erasing.begin(tx, world.lia.id, sure=erasing.SURE)
        other = contacts.create(tx, name="Z. Prado", email="zqcanary2@example.com")
        merging.merge(tx, "contact", other.id, world.lia.id)
    while work_one(store):
        pass
    assert in_the_tables(store) == []
    assert verify(store) == []


def test_several_at_once_need_one_renewal(store, team, world, monkeypatch):
    renewals = []
    renew = Store.renew

    def counted(self):
        renewals.append(self)
        renew(self)

    monkeypatch.setattr(Store, "renew", counted)
    with store.writing(team.ada) as tx:
        for contact in (world.lia, world.rui):
            erasing.begin(tx, contact.id, sure=erasing.SURE)
    while work_one(store):
        pass
    with store.reading(team.ada) as tx:
        assert {one.state for one in erasing.receipts(tx)} == {"done"}
    assert len(renewals) == 1
    assert in_the_bytes(store.folder) == []
