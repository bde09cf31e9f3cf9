"""Files beside records: what a file is, who may attach and remove one, and that equal content is kept once."""

from pathlib import Path

import pytest

from crm import contacts
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.platform import files
from crm.records import attachments
from crm.records.attachments import UNKNOWN, Attachment
from crm.records.history import history
from crm.store import Store
from tests.people import Team

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
MOVING_PNG = PNG + bytes.fromhex("000000086163544c000000020000000000000000") + b"\0\0\0\x01IDAT"


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("photo.png", PNG, "image/png"),
        ("photo.jpg", PNG, "image/png"),
        ("moving.png", MOVING_PNG, "image/png"),
        ("page.html", PNG, "image/png"),
        ("offer.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("list.csv", b"a,b\n", "text/csv"),
        ("page.html", b"<!doctype html>", UNKNOWN),
        ("logo.svg", b"<svg/>", UNKNOWN),
        ("list.txt", b"a\0b", UNKNOWN),
        ("unnamed", b"anything", UNKNOWN),
    ],
)
def test_a_file_is_what_its_content_says(tmp_path: Path, name: str, content: bytes, media_type: str) -> None:
    path = tmp_path / "content"
    path.write_bytes(content)
    assert attachments.media_type(path, name) == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.png", b"<svg/>"),
        ("offer.pdf", PNG),
        ("tool.exe", b"MZ\x90\0"),
        ("photo.txt", b"MZ\x90\0"),
        ("tool", b"\x7fELF\x02"),
        ("do.sh", b"#!/bin/sh\n"),
    ],
)
def test_programs_and_false_names_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / "content"
    path.write_bytes(content)
    with pytest.raises(Invalid):
        attachments.media_type(path, name)


@pytest.fixture
def zoe(store: Store, team: Team) -> int:
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Zoe").id


def attached(store: Store, team: Team, contact_id: int, person: str = "ana", content: bytes = b"one") -> Attachment:
    sha256, size = files.keep(store, [content], 2**20)
    with store.writing(getattr(team, person)) as tx:
        return attachments.attach(
            tx, "contact", contact_id, sha256=sha256, file_name="list.txt", size=size, media_type="text/plain"
        )


def test_equal_content_is_kept_once(store: Store, team: Team, zoe: int) -> None:
    first, second = attached(store, team, zoe), attached(store, team, zoe, "bob")
    assert attachments.path_of(store, first) == attachments.path_of(store, second)
    assert [path.read_bytes() for path in files.folder(store).iterdir()] == [b"one"]
    with store.reading(team.vera) as tx:
        assert [one.created_by_name for one in attachments.of(tx, "contact", zoe)] == ["Bob", "Ana"]


@pytest.mark.parametrize("person", ["vera", "rui"])
def test_who_may_not_change_a_contact_attaches_nothing(store: Store, team: Team, zoe: int, person: str) -> None:
    with pytest.raises(Forbidden):
        attached(store, team, zoe, person)
    with store.reading(team.ana) as tx:
        assert attachments.of(tx, "contact", zoe) == []
        assert tx.value("SELECT count(*) FROM base.uploads") == 0


@pytest.mark.parametrize("person", ["bob", "marta", "vera", "rui"])
def test_a_file_is_removed_by_who_attached_it_or_an_administrator_alone(
    store: Store, team: Team, zoe: int, person: str
) -> None:
    found = attached(store, team, zoe)
    with pytest.raises(Forbidden), store.writing(getattr(team, person)) as tx:
        attachments.remove(tx, found.id)
    with store.writing(team.ada) as tx:
        attachments.remove(tx, found.id)
        names = [event.name for event in history(tx, "contact", zoe)]
        with pytest.raises(NotFound):
            attachments.get(tx, found.id)
    assert names[:2] == ["file.removed", "file.attached"]


def test_an_empty_file_is_refused(store: Store, team: Team, zoe: int) -> None:
    with pytest.raises(Invalid, match="empty"):
        attached(store, team, zoe, content=b"")
