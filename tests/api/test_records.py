"""Notes, files, labels and the bin through the API, as each of the people calls it."""

import threading

import pytest

from crm import companies, contacts, deals
from crm.deals import Deal
from crm.platform import pictures as pictures_made
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests import pictures
from tests.api.conftest import Clients
from tests.owner_privacy import owner_privacy
from tests.people import Team

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


@pytest.fixture
def zoe(store: Store, team: Team) -> int:
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Zoe").id


def sent(
    record_id: int, *, name: str = "offer.txt", content: bytes = b"Chairs", kind: str = "contact"
) -> dict[str, object]:
    return {
        "data": {"subject_kind": kind, "subject_id": str(record_id)},
        "files": {"file": (name, content)},
    }


def test_a_note_is_written_read_changed_pinned_and_deleted(client: Clients, team: Team, zoe: int) -> None:
    ana = client(team.ana)
    made = ana.post(f"/contacts/{zoe}/notes", json={"text": "Likes **chairs**"})
    assert made.status_code == 201
    note = made.json()
    assert made.headers["Location"].endswith(f"/notes/{note['id']}")
    assert (note["author_name"], note["pinned"], note["version"]) == ("Ana", False, 1)
    assert ana.post(f"/notes/{note['id']}/pin").json()["pinned"] is True
    changed = ana.patch(f"/notes/{note['id']}", json={"text": "Likes tables"}, headers={"If-Match": '"1"'})
    assert changed.json()["text"] == "Likes tables"
    stale = ana.patch(f"/notes/{note['id']}", json={"text": "Old"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert [one["text"] for one in ana.get(f"/contacts/{zoe}/notes").json()["items"]] == ["Likes tables"]
    assert client(team.bob).patch(f"/notes/{note['id']}", json={"text": "Mine"}).status_code == 403
    assert ana.delete(f"/notes/{note['id']}").status_code == 204
    assert ana.get(f"/notes/{note['id']}").status_code == 404


def test_notes_stand_beside_companies_and_deals_too(client: Clients, store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        aurora = companies.create(tx, name="Aurora")
    ana = client(team.ana)
    for place in (f"companies/{aurora.id}", f"deals/{chairs.id}"):
        assert ana.post(f"/{place}/notes", json={"text": "Hello"}).status_code == 201
        assert ana.get(f"/{place}/notes").json()["total"] == 1
    assert ana.get("/users/1/notes").status_code == 422


def test_a_file_is_attached_listed_fetched_and_removed(client: Clients, team: Team, zoe: int) -> None:
    ana = client(team.ana)
    made = ana.post("/files", **sent(zoe, name="photo.png", content=PNG))
    assert made.status_code == 201
    file = made.json()
    assert (file["media_type"], file["size"], file["file_name"]) == ("image/png", len(PNG), "photo.png")
    assert ana.get(f"/contacts/{zoe}/files").json()["items"] == [file]
    content = ana.get(f"/files/{file['id']}/content")
    assert content.content == PNG
    assert content.headers["content-type"] == "application/octet-stream"
    assert content.headers["content-disposition"] == 'attachment; filename="photo.png"'
    assert client(team.bob).delete(f"/files/{file['id']}").status_code == 403
    assert ana.delete(f"/files/{file['id']}").status_code == 204
    assert ana.get(f"/contacts/{zoe}/files").json()["total"] == 0


def test_a_picture_is_fetched_small_by_those_who_may_see_its_record(
    store: Store, client: Clients, team: Team, zoe: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = client(team.ana)
    photo, vast, text = (
        ana.post("/files", **sent(zoe, name=name, content=content)).json()["id"]
        for name, content in [
            ("photo.jpg", pictures.jpeg()),
            ("vast.png", pictures.vast_png()),
            ("offer.txt", b"Chairs"),
        ]
    )
    small = client(team.vera).get(f"/files/{photo}/thumbnail")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    refused = ana.get(f"/files/{vast}/thumbnail")
    assert (refused.status_code, "60,000 × 60,000" in refused.text) == (422, True)
    assert ana.get(f"/files/{text}/thumbnail").status_code == 422
    monkeypatch.setattr(pictures_made, "WAITING", threading.BoundedSemaphore(1))
    assert pictures_made.WAITING.acquire()
    other = ana.post("/files", **sent(zoe, name="other.png", content=pictures.png(30, 30))).json()["id"]
    late = ana.get(f"/files/{other}/thumbnail")
    assert (late.status_code, late.headers["retry-after"], "Too many pictures" in late.text) == (503, "2", True)
    owner_privacy(store, team)
    assert client(team.bob).get(f"/files/{photo}/thumbnail").status_code == 404


@pytest.mark.parametrize("person", ["vera", "rui"])
def test_who_may_only_look_attaches_nothing(client: Clients, team: Team, zoe: int, person: str) -> None:
    assert client(getattr(team, person)).post("/files", **sent(zoe)).status_code == 403
    assert client(team.ana, Scope.READ).post("/files", **sent(zoe)).status_code == 403
    assert client(team.vera).get(f"/contacts/{zoe}/files").json()["total"] == 0


def test_a_file_sent_twice_with_one_key_is_attached_once(client: Clients, team: Team, zoe: int) -> None:
    ana = client(team.ana)
    first = ana.post("/files", headers={"Idempotency-Key": "one"}, **sent(zoe))
    again = ana.post("/files", headers={"Idempotency-Key": "one"}, **sent(zoe))
    assert (first.status_code, again.json()) == (201, first.json())
    assert ana.get(f"/contacts/{zoe}/files").json()["total"] == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "photo.png", "content": b"no picture"}, "file"),
        ({"name": "tool.exe", "content": b"MZ" + b"\0" * 200}, "file"),
        ({"content": b""}, "file"),
        ({"kind": "user"}, "subject_kind"),
    ],
)
def test_what_is_no_file_for_a_record_is_refused(
    client: Clients, team: Team, zoe: int, given: dict[str, object], field: str
) -> None:
    answer = client(team.ana).post("/files", **sent(zoe, **given))  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert client(team.ana).get(f"/contacts/{zoe}/files").json()["total"] == 0


def test_a_file_over_the_limit_is_refused(
    client: Clients, team: Team, zoe: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_ATTACHMENT_LIMIT_MB", "1")
    answer = client(team.ana).post("/files", **sent(zoe, content=b"x" * (2**20 + 100)))
    assert answer.status_code == 422
    assert "limit" in answer.json()["detail"]
    assert client(team.ana).post("/files", **sent(zoe, content=b"x" * 2**22)).status_code == 413


@pytest.mark.usefixtures("private")
def test_notes_and_files_of_others_do_not_exist(client: Clients, team: Team, zoe: int) -> None:
    ana, bob = client(team.ana), client(team.bob)
    note = ana.post(f"/contacts/{zoe}/notes", json={"text": "Secret"}).json()
    file = ana.post("/files", **sent(zoe)).json()
    for path in (f"contacts/{zoe}/notes", f"notes/{note['id']}", f"files/{file['id']}", f"files/{file['id']}/content"):
        assert bob.get(f"/{path}").status_code == 404
    assert bob.post("/files", **sent(zoe)).status_code == 404
    assert bob.post(f"/contacts/{zoe}/notes", json={"text": "Hello"}).status_code == 404


def test_labels_are_made_changed_merged_and_deleted(client: Clients, store: Store, team: Team, zoe: int) -> None:
    ada = client(team.ada)
    vip = ada.post("/labels", json={"name": "VIP", "colour": "red"}).json()
    key = ada.post("/labels", json={"name": "Key"}).json()
    assert ada.post("/labels", json={"name": "vip"}).status_code == 409
    assert ada.patch(f"/labels/{vip['id']}", json={"name": "Gold", "colour": "orange"}).json() == {
        "id": vip["id"],
        "name": "Gold",
        "colour": "orange",
    }
    with store.writing(team.ana) as tx:
        contacts.set_labels(tx, zoe, ["Gold"])
    assert ada.post(f"/labels/{vip['id']}/merge", json={"into": key["id"]}).json() == key
    assert ada.get(f"/contacts/{zoe}").json()["labels"] == ["Key"]
    assert [label["name"] for label in ada.get("/labels").json()["items"]] == ["Key"]
    assert ada.delete(f"/labels/{key['id']}").status_code == 204
    assert ada.get(f"/contacts/{zoe}").json()["labels"] == []


def test_the_bin_is_listed_narrowed_and_emptied_by_restoring(
    client: Clients, store: Store, team: Team, zoe: int, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        contacts.delete(tx, zoe)
        deals.delete(tx, chairs.id)
    ana = client(team.ana)
    listed = ana.get("/bin").json()
    assert [(row["kind"], row["shown_name"], row["deleted_by"]) for row in listed["items"]] == [
        ("contact", "Zoe", "Ana"),
        ("deal", "Chairs", "Ana"),
    ]
    first = ana.get("/bin?limit=1").json()
    rest = ana.get(f"/bin?limit=1&cursor={first['next']}").json()
    assert [row["shown_name"] for row in (*first["items"], *rest["items"])] == ["Zoe", "Chairs"]
    assert rest["next"] is None
    assert ana.get("/bin?kind=deal").json()["total"] == 1
    assert ana.get("/bin?search=zo").json()["total"] == 1
    records = [{"kind": "contact", "id": zoe}, {"kind": "deal", "id": chairs.id}, {"kind": "deal", "id": 999}]
    restored = ana.post("/bin/restore", json={"records": records}).json()
    assert restored["restored"] == 2
    assert [(left["kind"], left["id"]) for left in restored["left"]] == [("deal", 999)]
    assert ana.get("/bin").json()["total"] == 0


def test_a_label_that_nobody_knows_is_not_found(client: Clients, team: Team) -> None:
    assert client(team.ada).patch("/labels/99", json={"name": "X"}).status_code == 404
