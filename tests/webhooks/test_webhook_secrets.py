"""What a sender signs with stands nowhere as it is, neither in the store's files nor in a backup."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from crm.foundation import sealing
from crm.foundation.access import SYSTEM, Module
from crm.platform import backups, workspace
from crm.store import Store
from crm.webhooks import inbound
from tests.pages import open_page
from tests.people import Team

PLAIN = "whsec_cGxhaW4tY2FuYXJ5LW9mLWFuLW9sZGVyLXZlcnNpb24="


def make(store: Store, team: Team) -> str:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ada) as tx:
        return inbound.make(tx, "commerce")


def keep_plain(store: Store) -> None:
    """As an older version kept it."""
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.webhook_secrets SET secret = $plain", plain=PLAIN)


def source_of(store: Store, secret: str) -> str:
    body, now = json.dumps({"type": "order.created"}).encode(), datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body.decode()),
    }
    with store.reading(SYSTEM) as tx:
        return inbound.signed_by(tx, body, headers)


def holders(folder: Path, secret: str) -> list[str]:
    text = secret.removeprefix("whsec_").encode()
    return [path.name for path in folder.rglob("*") if path.is_file() and text in path.read_bytes()]


def test_a_secret_is_in_no_file_of_the_store_and_in_no_backup(store: Store, team: Team) -> None:
    secret = make(store, team)
    backup = store.back_up()
    assert source_of(store, secret) == "commerce"
    assert holders(store.folder, secret) == []
    assert not list(backup.rglob(sealing.KEY_FILE))
    assert (store.folder / sealing.KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_plain_secret_of_an_older_version_works_on_and_leaves_the_files(store: Store, team: Team) -> None:
    make(store, team)
    keep_plain(store)
    store.close()
    assert holders(store.folder, PLAIN) == ["crm.duckdb"]
    again = Store(store.folder, threads=1)
    assert holders(again.folder, PLAIN) == []
    assert source_of(again, PLAIN) == "commerce"
    again.close()
    assert holders(again.folder, PLAIN) == []


def test_a_backup_of_an_older_version_is_restored_with_the_key_of_its_new_place(
    store: Store, team: Team, tmp_path: Path
) -> None:
    make(store, team)
    keep_plain(store)
    backup = store.back_up()
    store.close()
    for place in (store.folder, tmp_path / "another machine"):
        backups.restore(backup, place)
        restored = Store(place, threads=1)
        assert source_of(restored, PLAIN) == "commerce"
        restored.close()
        assert PLAIN.removeprefix("whsec_").encode() not in (place / "crm.duckdb").read_bytes()


def test_without_its_key_nothing_is_taken_in_and_the_settings_say_so(store: Store, team: Team) -> None:
    secret = make(store, team)
    (store.folder / sealing.KEY_FILE).rename(store.folder / "elsewhere")
    with pytest.raises(sealing.Unreadable, match=r"put secret\.key back"):
        source_of(store, secret)
    page = open_page(store, "settings", team.ada, section="Webhooks")
    assert any("cannot be opened" in one.value for one in page.caption)
    (store.folder / "elsewhere").rename(store.folder / sealing.KEY_FILE)
    assert source_of(store, secret) == "commerce"


def test_a_secret_that_was_copied_to_another_source_signs_nothing_there(store: Store, team: Team) -> None:
    secret = make(store, team)
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.webhook_secrets SET source = 'payments'")
    with pytest.raises(sealing.Unreadable):
        source_of(store, secret)
