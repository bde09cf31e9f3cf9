"""The command line as an operator uses it: in a process of its own, with exit codes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crm import serving
from crm.foundation import sealing
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid, StoreRefused
from crm.foundation.settings import Settings
from crm.platform import backups, workspace
from crm.store import Store
from tests.people import Team, hire

ROOT = Path(__file__).resolve().parent.parent


def crm(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from crm.cli import main; main()", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_user_is_added_with_a_password_shown_once(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    said = crm("user", "add", "ada@example.com", "--name", "Ada", "--role", "administrator", "--store", folder)
    assert said.returncode == 0
    assert said.stdout.splitlines()[:2] == ["Ada (administrator) signs in with", "  ada@example.com"]
    again = crm("user", "add", "ADA@example.com", "--name", "Ada", "--store", folder)
    assert (again.returncode, again.stderr) == (2, "ADA@example.com already belongs to another user.\n")


def test_the_first_user_comes_with_the_workspaces_regional_settings(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    add = ("user", "add", "ada@example.com", "--name", "Ada", "--role", "administrator", "--store", folder)
    machine = {"LANG": "en_GB.UTF-8", "TZ": "Europe/Lisbon"}
    wrong = crm(*add, "--currency", "XXZ", **machine)
    assert (wrong.returncode, "is not a currency" in wrong.stderr) == (2, True)
    said = crm(*add, "--locale", "pt_BR", **machine)
    assert "reports in GBP, its days are those of Europe/Lisbon, phone numbers are of GB" in said.stdout
    assert "as in pt_BR" in said.stdout
    late = crm("user", "add", "ana@example.com", "--name", "Ana", "--store", folder, "--currency", "EUR")
    assert (late.returncode, "set up already" in late.stderr) == (2, True)


def test_a_store_that_another_process_holds_is_refused_in_one_line(store: Store) -> None:
    said = crm("serve", "--port", "0", "--store", str(store.folder))
    assert said.returncode == 3
    assert said.stderr == (
        f"Another process has the store {store.path} open. Stop it, or name another folder with CRM_STORE.\n"
    )


def test_a_backup_of_a_running_store_does_not_open_it_to_other_processes(store: Store) -> None:
    store.back_up()
    assert crm("verify", "--store", str(store.folder)).returncode == 3


def test_a_port_that_is_taken_is_refused_in_one_line(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = crm("serve", "--port", port, "--store", str(tmp_path / "store"))
    assert (said.returncode, said.stderr) == (2, f"Cannot listen on 127.0.0.1:{port}: Address already in use.\n")


def test_who_calls_while_the_application_is_still_being_loaded_waits() -> None:
    """The address is printed by then: a browser that is quick would be refused."""
    import socket

    with serving._listen(Settings(port=0)) as listening, socket.create_connection(listening.getsockname(), timeout=5):
        pass


@pytest.mark.parametrize(
    ("hired", "environment", "reason"),
    [
        (False, {}, "make an administrator first"),
        (True, {}, "CRM_TLS_CERTIFICATE"),
        (True, {"CRM_BEHIND_PROXY": "true"}, "CRM_BASE_URL"),
    ],
)
def test_strangers_are_not_let_near_what_is_not_ready(
    tmp_path: Path, hired: bool, environment: dict[str, str], reason: str
) -> None:
    store = Store(tmp_path / "store", threads=1)
    if hired:
        hire(store)
    store.close()
    said = crm("serve", "--address", "0.0.0.0", "--port", "0", "--store", str(store.folder), **environment)  # noqa: S104
    assert said.returncode == 2
    assert reason in said.stderr
    assert said.stderr.count("\n") == 1


def test_a_broken_setting_is_named(tmp_path: Path) -> None:
    said = crm("settings", CRM_PORT="eighty")
    assert said.returncode == 2
    assert said.stderr.startswith("CRM_PORT: ")


def test_settings_lists_all_and_no_secret() -> None:
    said = crm("settings", CRM_OIDC_CLIENT_SECRET="hush")
    assert "CRM_STORE" in said.stdout
    assert "hush" not in said.stdout


def test_verify_says_a_sound_store_is_sound(tmp_path: Path) -> None:
    Store(tmp_path / "store", threads=1).close()
    said = crm("verify", "--store", str(tmp_path / "store"))
    assert (said.returncode, said.stdout) == (0, "The store is sound.\n")


def test_backup_and_restore_bring_back_what_was(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    store = Store(folder, threads=1)
    ada = Team(store).ada
    with store.writing(ada) as tx:
        workspace.change(tx, name="Before")
    backup = backups.make(store, ada)
    with store.writing(ada) as tx:
        workspace.change(tx, name="After")
    store.close()
    said = crm("restore", str(backup), "--store", str(folder))
    assert said.returncode == 0
    assert name_in(folder) == "Before"
    assert name_in(next((folder / "backups").glob("*-before-restore"))) == "After"


def test_backup_says_that_the_key_of_the_secrets_is_to_be_kept_apart(store: Store) -> None:
    folder = store.folder
    store.close()
    assert "secret.key" not in crm("backup", "--store", str(folder)).stdout
    sealing.seal(folder, b"x", of="thing")
    assert f"{folder / 'secret.key'} is not in it" in crm("backup", "--store", str(folder)).stdout


def test_restore_refuses_what_is_no_backup_and_what_is_open(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="not a backup"):
        backups.restore(tmp_path, store.folder)
    backup = store.back_up()
    said = crm("restore", str(backup), "--store", str(store.folder))
    assert said.returncode == 3
    assert "Stop it first" in said.stderr


def test_a_damaged_backup_is_refused_in_a_sentence_and_leaves_everything_as_it_was(
    store: Store, tmp_path: Path
) -> None:
    with store.writing(SYSTEM) as tx:
        workspace.change(tx, name="Still here")
    damaged = Path(shutil.copytree(store.back_up(), tmp_path / "damaged"))
    store.close()
    with (damaged / "crm.duckdb").open("r+b") as file:
        file.write(bytes(16_384))
    said = crm("restore", str(damaged), "--store", str(store.folder))
    assert said.returncode == 3
    assert "cannot be opened" in said.stderr
    assert "Traceback" not in said.stderr
    assert name_in(store.folder) == "Still here"


def test_a_backup_that_cannot_be_opened_leaves_everything_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    store = Store(folder, threads=1)
    ada = Team(store).ada
    with store.writing(ada) as tx:
        workspace.change(tx, name="Still here")
    good = store.back_up()
    store.close()
    broken = tmp_path / "broken"
    shutil.copytree(good, broken)
    older = Store(tmp_path / "other", threads=1)
    older.close()
    shutil.copy2(older.path, broken / "crm.duckdb")  # its log ends before the head file beside it
    with pytest.raises(StoreRefused):
        backups.restore(broken, folder)
    assert name_in(folder) == "Still here"


def name_in(folder: Path) -> str:
    store = Store(folder, threads=1)
    try:
        with store.reading(SYSTEM) as tx:
            return workspace.get(tx).name
    finally:
        store.close()
