"""Secrets that the database holds only encrypted."""

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crm.foundation import sealing
from crm.foundation.sealing import Unreadable
from crm.platform import backups
from crm.store import Store


def test_a_sealed_secret_opens_again_and_the_text_does_not_hold_it(tmp_path: Path) -> None:
    sealed = sealing.seal(tmp_path, b"whsec_of_the_shop", of="secret of commerce")
    assert "whsec" not in sealed
    assert sealing.unseal(tmp_path, sealed, of="secret of commerce") == b"whsec_of_the_shop"
    assert sealing.seal(tmp_path, b"whsec_of_the_shop", of="secret of commerce") != sealed


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    sealing.seal(tmp_path, b"x", of="thing")
    key = tmp_path / sealing.KEY_FILE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32
    assert [path.name for path in tmp_path.iterdir()] == [sealing.KEY_FILE]


def test_a_secret_opens_only_as_what_it_was_sealed_as(tmp_path: Path) -> None:
    sealed = sealing.seal(tmp_path, b"x", of="second factor of user 1")
    with pytest.raises(Unreadable, match="second factor of user 2 is damaged"):
        sealing.unseal(tmp_path, sealed, of="second factor of user 2")


@pytest.mark.parametrize(
    "change", [lambda s: s[:-6] + "AAAAA=", lambda s: s + "é", lambda s: s[:14], lambda _: "s1", lambda _: ""]
)
def test_a_changed_text_is_refused_in_words(tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]
    sealed = sealing.seal(tmp_path, b"a secret", of="thing")
    with pytest.raises(Unreadable, match="thing"):
        sealing.unseal(tmp_path, change(sealed), of="thing")


def test_without_its_key_or_with_another_a_secret_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    sealed = sealing.seal(tmp_path, b"x", of="thing")
    (tmp_path / sealing.KEY_FILE).unlink()
    with pytest.raises(Unreadable, match=r"put secret\.key back"):
        sealing.unseal(tmp_path, sealed, of="thing")
    assert not (tmp_path / sealing.KEY_FILE).exists()
    sealing.seal(tmp_path, b"y", of="another thing")
    with pytest.raises(Unreadable, match=r"put secret\.key back"):
        sealing.unseal(tmp_path, sealed, of="thing")


def test_a_key_that_was_cut_off_is_refused_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / sealing.KEY_FILE).write_bytes(b"short")
    with pytest.raises(Unreadable, match="damaged"):
        sealing.seal(tmp_path, b"x", of="thing")
    assert (tmp_path / sealing.KEY_FILE).read_bytes() == b"short"


def test_whoever_seals_first_at_once_makes_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda number: sealing.seal(tmp_path, b"x%d" % number, of="thing"), range(8)))
    assert [sealing.unseal(tmp_path, text, of="thing") for text in sealed] == [b"x%d" % number for number in range(8)]


def test_no_backup_holds_the_key_and_a_restore_in_place_leaves_it(store: Store) -> None:
    sealed = sealing.seal(store.folder, b"x", of="thing")
    backup, folder = store.back_up(), store.folder
    assert sealing.KEY_FILE not in [path.name for path in backup.rglob("*")]
    store.close()
    kept = backups.restore(backup, folder)
    assert kept is not None
    assert sealing.KEY_FILE not in [path.name for path in kept.rglob("*")]
    assert sealing.unseal(folder, sealed, of="thing") == b"x"
    elsewhere = folder.parent / "elsewhere"
    backups.restore(Path(shutil.copytree(backup, folder.parent / "carried")), elsewhere)
    with pytest.raises(Unreadable, match=r"put secret\.key back"):
        sealing.unseal(elsewhere, sealed, of="thing")
