"""Schedules of mailed dashboards over the API."""

import pytest

from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


def test_a_schedule_is_made_changed_left_and_deleted(
    client: Clients, store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    marta, bob = client(team.marta), client(team.bob)
    board = marta.post("/dashboards", json={"name": "Board", "shared": True}).json()["id"]
    body = {"dashboard_id": board, "every": "week", "weekday": 1, "recipient_ids": [team.ids.bob, team.ids.marta]}
    monkeypatch.delenv("CRM_SMTP_URL", raising=False)
    refused = marta.post("/dashboard-schedules", json=body)
    assert refused.status_code == 422
    assert "CRM_SMTP_URL" in refused.json()["detail"]
    monkeypatch.setenv("CRM_SMTP_URL", "smtp://127.0.0.1:1")
    made = marta.post("/dashboard-schedules", json=body)
    assert made.status_code == 201
    path = made.headers["Location"].removeprefix("/api/v1")
    assert path == f"/dashboard-schedules/{made.json()['id']}"
    assert made.json()["hour"] == 8
    assert bob.patch(path, json={"hour": 9}).status_code == bob.delete(path).status_code == 403
    tag = {"If-Match": made.headers["ETag"]}
    assert marta.patch(path, json={"every": "month", "month_day": 31}, headers=tag).json()["weekday"] is None
    assert marta.patch(path, json={"hour": 10}, headers=tag).status_code == 412
    assert marta.patch(path, json={"dashboard_id": None}).status_code == 422
    assert [each["recipient_ids"] for each in bob.get("/dashboard-schedules").json()["items"]] == [
        sorted(body["recipient_ids"])
    ]
    assert bob.post(f"{path}/leave").status_code == 204
    assert bob.get(path).json()["recipient_ids"] == [team.ids.marta]
    assert marta.patch(f"/dashboards/{board}", json={"shared": False}).status_code == 200
    assert bob.get(path).status_code == bob.post(f"{path}/leave").status_code == 404
    assert marta.delete(path).status_code == 204
    assert marta.get("/dashboard-schedules").json()["total"] == 0
