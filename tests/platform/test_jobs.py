"""Jobs whose process ends: taken up again once, and given up when it happens again. No process is ended here: a claimed
job and a new start are what is left of one."""

from dataclasses import replace

import pytest
from polars.exceptions import PanicException

from crm import contacts, imports, notifications, worker
from crm.foundation.access import SYSTEM
from crm.platform import jobs, mail, notices
from crm.platform.people import users
from crm.privacy import erasing
from crm.records import duplicates
from crm.worker import housekeeping
from tests.imports.conftest import begin, bring, counts, finished  # noqa: F401  # fixtures


def end_the_process(store) -> None:
    with store.writing(SYSTEM) as tx:
        assert jobs.claim(tx)
    worker.requeue_interrupted(store)


def state_of_jobs(store, kind: str) -> list[tuple[str, int]]:
    with store.reading(SYSTEM) as tx:
        rows = tx.rows("SELECT state, interrupted FROM base.jobs WHERE kind = $kind ORDER BY id", kind=kind)
    return [tuple(row.values()) for row in rows]


def told(store, actor) -> str:
    with store.reading(actor) as tx:
        return " ".join(one.text for one in notices.of_actor(tx))


def test_an_import_that_stopped_the_product_twice_fails_and_the_next_goes_on(store, team, begin):  # noqa: F811
    first = begin(team.marta, "contacts", "name\nAna\n")
    second = begin(team.marta, "contacts", "name\nBob\n")
    end_the_process(store)
    assert state_of_jobs(store, "import") == [("queued", 1), ("queued", 0)]
    end_the_process(store)
    assert state_of_jobs(store, "import") == [("failed", 2), ("queued", 0)]
    found = finished(store, team.marta, first.id)
    assert found.state == "failed"
    assert found.message.startswith("This stopped the product twice while it was at work on it")
    assert "stopped the product twice" in told(store, team.marta)
    assert counts(finished(store, team.marta, second.id)) == (1, 0, 0, 0, 0)


def test_whoever_reads_portuguese_is_told_in_it_what_became_of_their_job(store, team, begin, monkeypatch):  # noqa: F811
    def give_up(*_):
        raise PanicException("byte index 3 is not a char boundary")

    with store.writing(team.marta) as tx:
        users.choose_language(tx, "pt_BR")
    first = begin(team.marta, "contacts", "name\nAna\n")
    end_the_process(store)
    end_the_process(store)
    assert finished(store, team.marta, first.id).message == (
        "Isto fez o produto parar duas vezes durante o trabalho, e nada foi gravado."
    )
    second = begin(team.marta, "contacts", "name\nBob\n")
    with monkeypatch.context() as patch:
        patch.setitem(worker.KINDS, "import", replace(worker.KINDS["import"], run=give_up))
        assert worker.work_one(store)
    assert finished(store, team.marta, second.id).message == (
        "Algo inesperado deu errado (o log diz o quê), e nada foi gravado."
    )
    assert "Something" not in told(store, team.marta)


def test_a_job_in_which_a_library_gives_up_fails_and_the_next_goes_on(store, team, begin, monkeypatch):  # noqa: F811
    def give_up(*_):
        raise PanicException("byte index 3 is not a char boundary")

    first = begin(team.marta, "contacts", "name\nAna\n")
    second = begin(team.marta, "contacts", "name\nBob\n")
    with monkeypatch.context() as patch:
        patch.setitem(worker.KINDS, "import", replace(worker.KINDS["import"], run=give_up))
        assert worker.work_one(store)
    assert state_of_jobs(store, "import") == [("failed", 0), ("queued", 0)]
    assert "Something unexpected went wrong" in told(store, team.marta)
    assert finished(store, team.marta, first.id).state == "failed"
    assert counts(finished(store, team.marta, second.id)) == (1, 0, 0, 0, 0)


def test_an_import_that_was_over_before_its_job_was_stays_as_it_ended(store, team, begin):  # noqa: F811
    from crm.imports import run

    begun = begin(team.marta, "contacts", "name\nAna\n")
    run.run(store, begun.id)
    end_the_process(store)
    end_the_process(store)
    assert finished(store, team.marta, begun.id).state == "done"
    assert "twice" not in told(store, team.marta)


def test_an_undoing_that_stopped_the_product_twice_fails_and_its_person_is_told(store, team, bring):  # noqa: F811
    done = bring(team.ada, "contacts", "name\nAna\n")
    with store.writing(team.ada) as tx:
        imports.undo(tx, done.id)
    end_the_process(store)
    end_the_process(store)
    found = finished(store, team.ada, done.id)
    assert (found.state, found.undo_state) == ("done", "failed")
    assert "nothing was undone" in told(store, team.ada)


def test_a_search_for_duplicates_that_stopped_the_product_twice_fails_and_its_person_is_told(store, team):
    with store.writing(team.ada) as tx:
        run = duplicates.scan(tx, "contact")
    end_the_process(store)
    end_the_process(store)
    with store.reading(team.ada) as tx:
        assert duplicates.get(tx, run.id).state == "failed"
    assert "stopped the product twice" in told(store, team.ada)


def test_an_erasure_that_stopped_the_product_twice_is_told_of_and_tried_again_each_day(store, team):
    with store.writing(team.ada) as tx:
        contact = contacts.create(tx, name="Zoe Prado")
        erasing.begin(tx, contact.id, sure=erasing.SURE)
    end_the_process(store)
    end_the_process(store)
    assert state_of_jobs(store, erasing.JOB) == [("failed", 2)]
    assert f"Contact {contact.id} is not erased yet" in told(store, team.ada)
    with store.writing(SYSTEM) as tx:
        housekeeping.requeue_erasures(tx)
    assert state_of_jobs(store, erasing.JOB) == [("failed", 2), ("queued", 0)]


def test_a_mail_that_stopped_the_product_twice_is_given_up(store, team, monkeypatch):
    monkeypatch.setenv("CRM_SMTP_URL", "smtp://127.0.0.1:1")
    with store.writing(team.ada) as tx:
        mail.post(tx, team.ids.ana, "Hello", "…")
    end_the_process(store)
    end_the_process(store)
    with store.reading(SYSTEM) as tx:
        assert tx.row("SELECT state, error FROM base.mails") == {
            "state": "failed",
            "error": "This stopped the product twice while it was at work on it, and it was not sent.",
        }


@pytest.mark.parametrize("daily", [housekeeping, notifications])
def test_what_is_done_each_day_is_left_for_a_day_once_it_stopped_the_product_twice(store, daily):
    with store.writing(SYSTEM) as tx:
        jobs.enqueue(tx, daily.JOB, 1)
    end_the_process(store)
    end_the_process(store)
    assert state_of_jobs(store, daily.JOB) == [("failed", 2), ("queued", 0)]
    assert not worker.work_one(store)
    with store.writing(SYSTEM) as tx:
        daily.schedule(tx)
    assert len(state_of_jobs(store, daily.JOB)) == 2


def test_what_is_done_each_day_is_done_the_next_day_too_where_it_failed(store, monkeypatch):
    def fail(_):
        raise ZeroDivisionError

    monkeypatch.setattr(housekeeping, "TASKS", (fail,))
    with store.writing(SYSTEM) as tx:
        jobs.enqueue(tx, housekeeping.JOB, 1)
    assert worker.work_one(store)
    assert [state for state, _ in state_of_jobs(store, housekeeping.JOB)] == ["failed", "queued"]


def test_a_job_whose_end_could_not_be_written_has_not_stopped_the_product(store, team, begin):  # noqa: F811
    begin(team.marta, "contacts", "name\nAna\n")
    for _ in range(3):
        with store.writing(SYSTEM) as tx:
            jobs.claim(tx)
            assert jobs.requeue_running(tx) == 1
    assert state_of_jobs(store, "import") == [("queued", 0)]
