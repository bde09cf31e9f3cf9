"""The store written anew: everything that lives is there as before, and nothing else is."""

import threading
from pathlib import Path

import pytest

from crm.foundation.access import SYSTEM
from crm.foundation.errors import Unavailable
from crm.store import Store, gate, renewal
from crm.verify import verify
from tests.people import Team
from tests.store.test_store import add_contact, names

CANARY = b"zqcanary"


def holders(folder: Path) -> list[str]:
    """The files in which the canary stands, whatever the case of its letters."""
    return [path.name for path in folder.rglob("*") if path.is_file() and CANARY in path.read_bytes().lower()]


def with_a_deleted_canary(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        for number in range(50):
            add_contact(tx, f"Neighbour {number}", email=f"n{number}@x.com")
        gone = add_contact(tx, "ZqCanary Silva", email="zqcanary@x.com")
    store.back_up()  # a checkpoint: the canary is in a block of the file
    with store.writing(SYSTEM) as tx:
        tx.run("DELETE FROM base.contacts WHERE id = $id", id=gone)
        tx.run("UPDATE base.events SET particulars = '{}' WHERE subject_id = $id", id=gone)


def test_a_deleted_row_stays_in_the_file_until_the_store_is_renewed(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    with_a_deleted_canary(store)
    (backup,) = (store.folder / "backups").iterdir()
    backup.rename(tmp_path / "elsewhere")
    store._connection.execute("CHECKPOINT").fetchall()
    assert holders(store.folder) == ["crm.duckdb"]
    store.renew()
    assert holders(store.folder) == []
    store.close()
    assert holders(store.folder) == []


def test_what_lives_is_there_as_before_keys_and_sequences_too(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        first = add_contact(tx, "Lia", owner_id=team.ids.ana, email="lia@x.com")
    store.renew()
    assert names(store, team.ana) == ["Lia"]
    with store.writing(team.ana) as tx:
        assert add_contact(tx, "Rui", email="rui@x.com") == first + 1
    with pytest.raises(Unavailable), store.writing(team.ana) as tx, pytest.raises(Exception, match="onstraint"):
        add_contact(tx, "Double", email="lia@x.com")
    assert verify(store) == []
    folder = store.folder
    store.close()
    again = Store(folder)
    assert names(again) == ["Lia", "Rui"]
    again.close()


def test_a_renewal_that_fails_leaves_the_store_as_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Lia")

    def fail(*_: object) -> None:
        raise OSError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(renewal, "put_in_place", fail)
        with pytest.raises(OSError, match="full"):
            store.renew()
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Rui")
    assert names(store) == ["Lia", "Rui"]
    assert not renewal.folder_of(store.folder).exists()


def test_who_reads_meanwhile_is_waited_for_and_who_comes_waits(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Lia")
    seen: list[list[str]] = []
    with store.reading(SYSTEM) as tx:
        tx.value("SELECT count(*) FROM contacts")
        renewing = threading.Thread(target=store.renew)
        renewing.start()
        while not store._gate._shut:
            renewing.join(0.01)
        late = threading.Thread(target=lambda: seen.append(names(store)))
        late.start()
        late.join(0.1)
        assert late.is_alive()
        assert tx.value("SELECT count(*) FROM contacts") == 1
        assert names(store) == ["Lia"]  # who is inside already does not wait for the gate, which waits for them
    renewing.join()
    late.join()
    assert seen == [["Lia"]]


def test_a_look_that_lasts_too_long_stops_the_renewal_and_not_the_work(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Lia")
    refused: list[Exception] = []

    def renew() -> None:
        try:
            with store._gate.shut(0.05):
                raise AssertionError("somebody is still inside")
        except Unavailable as refusal:
            refused.append(refusal)

    with store.reading(SYSTEM) as tx:
        tx.value("SELECT count(*) FROM contacts")
        renewing = threading.Thread(target=renew)
        renewing.start()
        renewing.join()
    assert len(refused) == 1
    assert names(store) == ["Lia"]
    assert gate.TIMEOUT > 1


def test_a_renewed_file_that_was_never_put_in_place_goes_at_the_next_start(tmp_path: Path) -> None:
    store = Store(tmp_path)
    fresh = renewal.write(store._connection, tmp_path)
    assert fresh.is_file()
    store.close()
    Store(tmp_path).close()
    assert not fresh.exists()


def test_what_the_engine_spilled_before_it_was_killed_goes_at_the_next_start(tmp_path: Path) -> None:
    Store(tmp_path).close()
    spilled = tmp_path / "crm.duckdb.tmp"
    spilled.mkdir()
    (spilled / "duckdb_temp_storage-0.tmp").write_bytes(CANARY)
    Store(tmp_path).close()
    assert holders(tmp_path) == []


def test_outside_files_stay_closed_to_sql(store: Store, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with pytest.raises(Exception, match="disabled by configuration"), store.reading(SYSTEM) as tx:
        tx.rows(f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")
    with pytest.raises(Exception, match="disabled by configuration"), store.reading(SYSTEM) as tx:
        tx.rows(f"ATTACH '{tmp_path / 'other.duckdb'}'")
