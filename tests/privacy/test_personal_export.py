"""Everything that is held on one person, as one file: whatever erasing takes is in it."""

import io
import json
import zipfile

import pytest

from crm import contacts
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden, NotFound
from crm.privacy import personal_export
from crm.privacy.erasing import places
from tests.privacy.conftest import EMAIL, NAME, PHONE


def archive_of(store, actor, contact_id):
    target = io.BytesIO()
    personal_export.write(store, actor, contact_id, target)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_fields_labels_attributes_deals_log_mentions_and_files(store, team, world):
    held = archive_of(store, team.ada, world.lia.id)
    contact = json.loads(held["contact.json"])
    assert {contact["contacts"][0][field] for field in ("name", "email", "phone")} == {NAME, EMAIL, PHONE}
    assert contact["labels"] == [{"name": "vip"}]
    assert contact["attributes"] == [{"Nickname": "Zqcanary!"}]
    assert [deal["title"] for deal in json.loads(held["deals.json"])] == [f"Chairs for {NAME}"]
    assert [entry["name"] for entry in json.loads(held["log.json"])][-1] == "file.attached"
    mentions = {(one["table"], one["column"]) for one in json.loads(held["mentions.json"])}
    assert {("deals", "title"), ("companies", "description")} <= mentions
    rejected = json.loads(held["imports.json"])["rejected_rows"]
    assert [row["line"] for row in rejected] == [4]
    assert [content for name, content in held.items() if name.startswith("files/")] == [b"zqcanary in a file"]
    assert f"holds on {NAME}" in held["read me.txt"].decode()


def test_it_holds_every_row_that_erasing_would_remove(store, team, world):
    records = json.loads(archive_of(store, team.ada, world.lia.id)["records.json"])
    with store.reading(SYSTEM) as tx:
        for table, condition in places.own(tx, "contact").items():
            rows = tx.value(f"SELECT count(*) FROM base.{table} WHERE {condition}", kind="contact", ids=[world.lia.id])
            assert len(records.get(table, [])) == rows, table


def test_it_holds_nothing_of_others(store, team, world):
    held = archive_of(store, team.ada, world.lia.id)
    assert not any(world.rui.email.encode() in content for content in held.values())


def test_the_log_keeps_that_it_was_handed_out(store, team, world):
    archive_of(store, team.ada, world.lia.id)
    with store.reading(SYSTEM) as tx:
        last = tx.row("SELECT name, actor_name, subject_id FROM base.events ORDER BY seq DESC LIMIT 1")
    assert last == {"name": "contact.handed_out", "actor_name": "Ada", "subject_id": world.lia.id}


def test_of_a_contact_in_the_bin_it_is_there_too(store, team, world):
    with store.writing(team.ada) as tx:
        contacts.delete(tx, world.lia.id)
    assert archive_of(store, team.ada, world.lia.id)


@pytest.mark.parametrize("who", ["marta", "ana", "rui", "vera"])
def test_only_administrators_get_it(store, team, world, who):
    with pytest.raises(Forbidden):
        archive_of(store, getattr(team, who), world.lia.id)


def test_of_nobody_there_is_none(store, team):
    with pytest.raises(NotFound):
        archive_of(store, team.ada, 999)
