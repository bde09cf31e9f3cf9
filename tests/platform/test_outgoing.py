"""Files that are made to be sent: in the store's own folder, shut, and gone at the next start."""

import os
from pathlib import Path
from typing import BinaryIO

import pytest

from crm.platform import files
from crm.store import Store
from crm.worker import Worker, housekeeping
from tests.people import Team
from tests.worker.test_housekeeping import grown_old


def write(target: BinaryIO) -> None:
    target.write(b"all that is known of Lia")


def test_what_a_killed_process_was_sending_is_gone_at_the_next_start_of_that_store_alone(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines = tmp_path / "temporary"
    machines.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(machines))
    other = Store(tmp_path / "other", threads=1)
    left, of_another = files.outgoing(store, ".zip", write), files.outgoing(other, ".zip", write)
    other.close()
    assert left.parent == store.folder / "outgoing"
    assert list(machines.iterdir()) == []
    worker = Worker(store)
    worker.start()
    worker.stop()
    assert not left.exists()
    assert of_another.exists()


def test_what_is_being_sent_is_in_no_backup(store: Store, team: Team) -> None:
    files.outgoing(store, ".zip", write)
    assert "outgoing" not in {path.name for path in store.back_up().iterdir()}


def test_what_is_being_sent_is_of_the_products_account_alone(store: Store) -> None:
    before = os.umask(0o022)
    try:
        made = files.outgoing(store, ".zip", write)
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (made.parent, made)] == [0o700, 0o600]
    made.parent.chmod(0o755)
    made.chmod(0o644)
    store.close()
    Store(store.folder, threads=1).close()
    assert [path.stat().st_mode & 0o777 for path in (made.parent, made)] == [0o700, 0o600]


def test_a_file_that_cannot_be_written_whole_leaves_nothing(store: Store) -> None:
    def full(target: BinaryIO) -> None:
        target.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        files.outgoing(store, ".zip", full)
    assert list((store.folder / "outgoing").iterdir()) == []


def test_a_file_whose_sending_never_began_goes_with_housekeeping_once_it_is_old(store: Store) -> None:
    lost, on_its_way = files.outgoing(store, ".zip", write), files.outgoing(store, ".zip", write)
    grown_old(lost)
    housekeeping.run(store, 1)
    assert not lost.exists()
    assert on_its_way.exists()
