"""Nobody but the account that runs the product reads its files, whatever mask the process was started with."""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.foundation.access import SYSTEM
from crm.platform import backups, files
from crm.store import Store, modes
from tests.people import Team

ROOT = Path(__file__).resolve().parents[2]
LOOSE = 0o022


@pytest.fixture
def loose_mask() -> Iterator[None]:
    before = os.umask(LOOSE)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    return sorted(str(path) for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077)


def crm(*words: str) -> str:
    """A command of the product, started with a mask that lets others read."""
    done = subprocess.run(
        [sys.executable, "-c", "from crm.cli import main; main()", *words],
        cwd=ROOT,
        umask=LOOSE,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def test_a_day_at_the_command_line_leaves_nothing_that_others_may_read(tmp_path: Path) -> None:
    folder, rows = tmp_path / "above" / "store", tmp_path / "rows.csv"
    rows.write_text("name,email\nLia,lia@x.com\nBia,not an address\n")
    rejected, exported = tmp_path / "rejected.csv", tmp_path / "contacts.csv"
    exported.write_text("from yesterday")
    exported.chmod(0o644)
    crm("import", "contacts", str(rows), "--rejected", str(rejected), "--store", str(folder))
    crm("export", "contacts", str(exported), "--store", str(folder))
    backup = crm("backup", "--store", str(folder)).strip()
    crm("restore", backup, "--store", str(folder))
    assert list((folder / "outcomes").rglob("*.parquet"))
    assert list((folder / "uploads").iterdir())
    assert len(list((folder / "backups").iterdir())) == 2
    assert open_to_others(folder.parent) == []
    assert [path.stat().st_mode & 0o777 for path in (rejected, exported)] == [0o600, 0o600]


def test_serving_leaves_nothing_that_others_may_read(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    words = ["serve", "--port", "0", "--store", str(folder)]
    served = subprocess.Popen(
        [sys.executable, "-c", "from crm.cli import main; main()", *words],
        cwd=ROOT,
        umask=LOOSE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert served.stdout is not None
        assert "Mallard is at" in served.stdout.readline()
        assert (folder / "crm.duckdb").exists()
        assert open_to_others(folder) == []
    finally:
        served.terminate()
        served.wait(30)


def test_what_is_made_in_a_process_with_a_loose_mask_is_shut_all_the_same(tmp_path: Path, loose_mask: None) -> None:
    store = Store(tmp_path / "store", threads=1)
    team = Team(store)
    files.keep(store, [b"a file"], 100)
    backup = backups.make(store, team.ada)
    store.renew()
    store.close()
    brought = shutil.copytree(backup, tmp_path / "brought")
    for path in brought.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    backups.restore(brought, store.folder)
    assert len(list((store.folder / "uploads").iterdir())) == 1
    assert open_to_others(store.folder) == []


def test_a_store_of_an_older_version_is_shut_when_it_is_opened(tmp_path: Path, new_store: Path) -> None:
    folder = shutil.copytree(new_store, tmp_path / "store")
    for name in ("uploads/a", "outcomes/1/created.parquet", "backups/then/uploads/a", "backups/then/crm.duckdb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a")
    foreign = folder / "photos" / "holiday.jpg"
    foreign.parent.mkdir()
    foreign.write_text("not ours")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    Store(folder, threads=1).close()
    assert open_to_others(folder) == [str(foreign.parent), str(foreign)]


def test_a_link_in_the_store_shuts_nothing_elsewhere(tmp_path: Path, new_store: Path) -> None:
    folder, elsewhere = shutil.copytree(new_store, tmp_path / "store"), tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (elsewhere / "a").write_text("a")
    folder.chmod(0o755)
    (folder / "uploads").mkdir()
    (folder / "uploads" / "there").symlink_to(elsewhere)
    (folder / "uploads" / "file").symlink_to(elsewhere / "a")
    before = (elsewhere / "a").stat().st_mode
    Store(folder, threads=1).close()
    assert [elsewhere.stat().st_mode & 0o777, (elsewhere / "a").stat().st_mode] == [0o755, before]


def test_what_cannot_be_shut_is_said_and_the_store_opens(
    tmp_path: Path, new_store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = shutil.copytree(new_store, tmp_path / "store")
    folder.chmod(0o755)

    def not_the_owner(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr(Path, "chmod", not_the_owner)
    with caplog.at_level(logging.WARNING):
        store = Store(folder, threads=1)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.events") == 0
    store.close()
    assert str(folder) in caplog.text
    assert "chmod 700" in caplog.text


def test_a_file_is_shut_before_anything_is_written_to_it(tmp_path: Path, loose_mask: None) -> None:
    with modes.create(tmp_path / "new") as file:
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
        file.write(b"a")
