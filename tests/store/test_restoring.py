"""A restore, cut off at any of its steps: the next start has either the old store or the new one, whole."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from crm import contacts
from crm.foundation.access import SYSTEM
from crm.platform import backups, files
from crm.store import Store, restoring
from tests.people import Team
from tests.store.test_store import add_contact, names


class PowerCut(BaseException):
    pass


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """A store with Old and New in it, and its backup from before New."""
    store = Store(tmp_path / "store", threads=1)
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Old")
    backup = store.back_up()
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "New")
    store.close()
    return backup, tmp_path / "store"


def contacts_in(folder: Path) -> list[str]:
    store = Store(folder, threads=1)
    try:
        return names(store)
    finally:
        store.close()


def cut_after(moves: int) -> Callable[[Path, Path], Path]:
    """`Path.replace`, until the power fails after so many moves."""
    done = 0
    move = Path.replace

    def replace(self: Path, target: Path) -> Path:
        nonlocal done
        if done == moves:
            raise PowerCut
        done += 1
        return move(self, target)

    return replace


@pytest.mark.parametrize("moves", range(6))
def test_a_restore_that_is_cut_off_is_finished_at_the_next_start_or_never_began(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    backup, folder = two
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", cut_after(moves))
        with contextlib.suppress(PowerCut):
            backups.restore(backup, folder)
    begun = moves > 0  # the first move is the mark's
    assert contacts_in(folder) == (["Old"] if begun else ["Old", "New"])
    assert not restoring.staged_in(folder).exists()
    assert not (folder / restoring.MARK).exists()
    if begun:
        (kept,) = (folder / "backups").glob("*-before-restore")
        assert contacts_in(kept) == ["Old", "New"]


def test_a_backup_holds_the_uploaded_files_and_brings_them_back(store: Store, team: Team, tmp_path: Path) -> None:
    sha256, _ = files.keep(store, [b"name\nLia\n"], 1000)
    backup = backups.make(store, team.ada)
    assert (backup / "uploads" / sha256).read_bytes() == b"name\nLia\n"
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(backup, tmp_path / "brought")
    backups.restore(tmp_path / "brought", elsewhere)
    assert (elsewhere / "uploads" / sha256).read_bytes() == b"name\nLia\n"


def test_a_file_that_is_still_arriving_is_in_no_backup(store: Store, team: Team) -> None:
    (files.folder(store) / "arriving-1").write_bytes(b"half")
    assert list((backups.make(store, team.ada) / "uploads").iterdir()) == []


def test_backups_are_listed_with_what_they_are_and_dropped_by_name(store: Store, team: Team) -> None:
    first, second = backups.make(store, team.ada), backups.make(store, team.ada)
    with store.reading(team.ada) as tx:
        assert [one.name for one in backups.listed(tx, store)] == [second.name, first.name]
        assert backups.listed(tx, store)[0].label == "backup"
        assert backups.listed(tx, store)[0].size > 100_000
    assert backups.drop(store, team.ada, [first.name, "../../etc"]) == [first.name]
    assert not first.exists()
    assert second.exists()


def test_nobody_without_the_settings_lists_or_drops_backups(store: Store, team: Team) -> None:
    from crm.foundation.errors import Forbidden

    backup = backups.make(store, team.ada)
    for actor in (team.marta, team.ana, team.rui, team.vera):
        with pytest.raises(Forbidden):
            backups.drop(store, actor, [backup.name])
    assert backup.exists()


def test_a_backup_is_made_beside_a_look_from_before_an_update(store: Store, team: Team, tmp_path: Path) -> None:
    with store.writing(team.ada) as tx:
        lia = contacts.create(tx, name="Lia")
    with store.reading(team.ada) as looking:
        assert looking.value("SELECT name FROM contacts") == "Lia"
        with store.writing(team.ada) as tx:
            contacts.edit(tx, lia.id, name="Lia Prado")
        backup = backups.make(store, team.ada)
        assert looking.value("SELECT name FROM contacts") == "Lia"
    backups.restore(backup, tmp_path / "elsewhere")
    brought_back = Store(tmp_path / "elsewhere")
    with brought_back.reading(SYSTEM) as tx:
        assert tx.value("SELECT name FROM contacts") == "Lia Prado"
    brought_back.close()


def test_a_backup_that_was_cut_off_is_offered_to_nobody(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr("crm.store.uploads.share", cut_off)
        with pytest.raises(PowerCut):
            backups.make(store, team.ada)
    with store.reading(team.ada) as tx:
        assert backups.listed(tx, store) == []
    store.close()
    Store(store.folder).close()
    assert list(store.folder.glob("*backup*")) == []
