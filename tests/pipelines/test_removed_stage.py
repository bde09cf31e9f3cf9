"""A stage that was removed is nobody's way back: undoing an import leaves its deals where they are."""

import pytest

from crm import deals, imports, pipelines, worker
from crm.imports import Options
from crm.pipelines import Pipeline
from crm.platform import files
from crm.store import Store
from crm.verify import verify
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


def test_undoing_an_import_puts_no_deal_into_a_stage_that_is_gone(store: Store, team: Team, sales: Pipeline) -> None:
    lead, talk, offer = sales.open_stages
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id, identifier="D-1")
        tables = deals.create(tx, title="Tables", pipeline_id=sales.id, identifier="D-2", stage_id=offer.id)
    sha256, size = files.keep(store, [b"identifier,title,stage\nD-1,Chairs,Talk\nD-2,Tables,Talk\n"], 2**30)
    with store.writing(team.marta) as tx:
        upload = files.register(tx, sha256=sha256, file_name="deals.csv", size=size)
        begun = imports.begin(tx, "deals", upload.id, Options(on_duplicate="overwrite"))
    while worker.work_one(store):
        pass
    with store.writing(team.marta) as tx:
        deals.remove_stage(tx, lead.id)
        imports.undo(tx, begun.id)
    while worker.work_one(store):
        pass
    with store.reading(team.ana) as tx:
        assert deals.get(tx, chairs.id).stage_id == talk.id
        assert deals.get(tx, tables.id).stage_id == offer.id
    assert verify(store) == []
