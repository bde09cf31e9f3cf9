"""A log tells where an error came from and nothing of what it says."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm import worker
from crm.foundation import logs
from crm.foundation.access import SYSTEM
from crm.platform import jobs
from crm.store import Store


@pytest.fixture
def private() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    logs.keep_private()
    yield
    logging.setLogRecordFactory(before)


def test_a_job_that_breaks_leaves_no_row_in_the_log(
    store: Store, private: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(store: Store, subject_id: int) -> str:
        try:
            int("caio@example.com")
        except ValueError as error:
            raise RuntimeError("of Caio Braga") from error

    monkeypatch.setitem(worker.KINDS, "breaks", worker.Work(breaks))
    with store.writing(SYSTEM) as tx:
        jobs.enqueue(tx, "breaks", 1)
    assert worker.work_one(store)
    assert "job 1 of kind breaks failed: RuntimeError < " in caplog.text
    assert "test_logs.py" in caplog.text
    assert "after ValueError" in caplog.text
    assert "aio" not in caplog.text


def test_what_the_system_refused_is_said(private: None, caplog: pytest.LogCaptureFixture) -> None:
    try:
        Path("/nowhere/caio.csv").read_bytes()
    except OSError:
        logging.getLogger("somewhere").exception("could not %s", "look")
    assert "could not look: FileNotFoundError (No such file or directory) < " in caplog.text
    assert "caio" not in caplog.text
