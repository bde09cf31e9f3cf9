"""Privacy requests through the API."""

import io
import json
import zipfile

import pytest

from crm.platform.people.tokens import Scope
from crm.worker import work_one
from tests.api.conftest import anyone, client, in_process, token  # noqa: F401


def test_a_person_is_erased_by_the_api_and_its_receipt_read(client, store, team, world):  # noqa: F811
    ada = client(team.ada)
    preview = ada.get(f"/contacts/{world.lia.id}/erasure").json()
    assert (preview["rows"]["notes"], preview["imports"]) == (1, ["zqcanary list.csv"])
    begun = ada.post(f"/contacts/{world.lia.id}/erasure", json={"sure": "ERASE"})
    assert (begun.status_code, begun.json()["state"]) == (200, "queued")
    while work_one(store):
        pass
    receipt = ada.get(f"/erasures/{begun.json()['id']}").json()
    assert (receipt["state"], receipt["contact_number"]) == ("done", world.lia.id)
    assert ada.get("/erasures").json()["items"] == [receipt]
    assert ada.get(f"/contacts/{world.lia.id}").status_code == 404
    assert ada.get(f"/contacts/{world.lia.id}/erasure").status_code == 404


def test_it_is_refused_without_the_word(client, team, world):  # noqa: F811
    refused = client(team.ada).post(f"/contacts/{world.lia.id}/erasure", json={"sure": "yes"})
    assert refused.status_code == 422
    assert "Type ERASE" in refused.json()["detail"]


@pytest.mark.parametrize("who", ["marta", "ana", "rui", "vera"])
def test_nobody_else_erases_or_reads_it(client, team, world, who):  # noqa: F811
    other = client(getattr(team, who))
    assert other.post(f"/contacts/{world.lia.id}/erasure", json={"sure": "ERASE"}).status_code == 403
    for path in (f"/contacts/{world.lia.id}/erasure", f"/contacts/{world.lia.id}/personal-data", "/erasures"):
        assert other.get(path).status_code == 403, path
    assert client(team.ada).get(f"/contacts/{world.lia.id}").status_code == 200


def test_a_token_without_the_scope_cannot(client, team, world):  # noqa: F811
    reader = client(team.ada, Scope.READ, Scope.WRITE)
    assert reader.post(f"/contacts/{world.lia.id}/erasure", json={"sure": "ERASE"}).status_code == 403
    assert reader.get(f"/contacts/{world.lia.id}/personal-data").status_code == 403
    assert reader.get("/erasures").status_code == 403


def test_a_token_from_before_that_sets_all_else_neither_erases_nor_hands_out(client, team, world):  # noqa: F811
    setter = client(team.ada, Scope.READ, Scope.WRITE, Scope.SETTINGS)
    for refused in (
        setter.post(f"/contacts/{world.lia.id}/erasure", json={"sure": "ERASE"}),
        setter.get(f"/contacts/{world.lia.id}/personal-data"),
    ):
        assert refused.status_code == 403
        assert "lacks the scope “privacy”" in refused.json()["detail"]
    assert setter.get(f"/contacts/{world.lia.id}/erasure").status_code == 200


def test_all_that_is_held_on_a_person_is_one_archive(client, team, world):  # noqa: F811
    answer = client(team.ada).get(f"/contacts/{world.lia.id}/personal-data")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        contact = json.loads(archive.read("contact.json"))
        assert contact["contacts"][0]["email"] == world.lia.email
        assert len([name for name in archive.namelist() if name.startswith("files/")]) == 1
