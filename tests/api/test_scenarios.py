"""What-if over the API: assumptions that are not saved, scenarios, and several of them compared; and as a file."""

import csv
import io
from datetime import date

from crm import deals
from crm.pipelines import Pipeline
from crm.reports import sheets
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


def test_a_forecast_is_told_under_assumptions_and_nothing_is_changed(
    client: Clients, store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        close = tx.today
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1000, expected_close=close)
    month = f"{close.replace(day=1)}/{date(close.year + close.month // 12, close.month % 12 + 1, 1)}"
    given = {"win_rate": "0.5", "deals": [{"deal_id": deal.id, "value": "3000"}]}
    ana = client(team.ana)
    told = ana.post("/reports/what-if/preview", params={"period": month}, json=given)
    assert told.status_code == 200, told.text
    found = told.json()
    weighted = 1000 * float(sales.stages[0].probability) / 100
    assert (float(found["forecast"]["expected"]), float(found["assumed"]["expected"])) == (weighted, weighted * 1.5)
    assert [(each["cause"], float(each["amount"])) for each in found["effects"]] == [
        ("win_rate", -weighted / 2),
        ("deals", weighted),
    ]
    assert (float(found["difference"]), found["stale"], found["scenario_id"]) == (weighted / 2, [], None)
    refused = ana.post("/reports/what-if/preview", json={"deals": [{"deal_id": 99}]})
    assert (refused.status_code, "no open deal 99" in refused.text) == (422, True)
    assert ana.get(f"/deals/{deal.id}").json()["value"] == "1000.0000"


def test_scenarios_are_kept_shared_and_compared(client: Clients, store: Store, team: Team, sales: Pipeline) -> None:
    ana, marta = client(team.ana), client(team.marta)
    made = ana.post("/scenarios", json={"name": "Slump", "assumptions": {"win_rate": "0.8", "shifts": [{"days": 30}]}})
    assert made.status_code == 201, made.text
    where = made.headers["location"].removeprefix("/api/v1")
    assert made.json()["assumptions"]["shifts"] == [{"days": 30, "stage_id": None, "owner_id": None}]
    assert marta.get(where).status_code == 404
    assert ana.patch(where, json={"shared": True}, headers={"If-Match": made.headers["etag"]}).status_code == 200
    late = ana.patch(where, json={"name": "Late"}, headers={"If-Match": made.headers["etag"]})
    assert late.status_code == 412
    assert [each["name"] for each in marta.get("/scenarios").json()["items"]] == ["Slump"]
    assert marta.patch(where, json={"name": "Mine"}).status_code == 403
    hers = marta.post("/scenarios", json={"name": "Boom", "assumptions": {"win_rate": "1.2"}}).json()["id"]
    ids = f"{hers},{made.json()['id']}"
    both = marta.get("/reports/what-if", params={"scenario": ids, "by": "quarter"}).json()
    assert [(each["name"], each["grain"]) for each in both] == [("Boom", "quarter"), ("Slump", "quarter")]
    assert ana.get("/reports/what-if", params={"scenario": str(hers)}).status_code == 404
    for wrong in ("", "a", "1,2,3,4"):
        assert marta.get("/reports/what-if", params={"scenario": wrong}).status_code == 422
    with store.reading(team.marta) as tx:
        rows = list(csv.DictReader(io.StringIO(sheets.sheet(tx, "scenarios", {"scenario": ids}).decode("utf-8-sig"))))
    assert [row["scenario"] for row in rows] == ["Boom"] * 6 + ["Slump"] * 6
    assert marta.delete(where).status_code == 403
    assert ana.delete(where).status_code == 204
