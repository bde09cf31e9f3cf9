"""Dashboards of one's own: made, changed, shared, copied, deleted; tiles whose source is gone."""

import pytest

from crm import contacts
from crm.dashboards import model, saved, showing
from crm.dashboards.model import Tile
from crm.dashboards.tiles import Width
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.pipelines import Pipeline
from crm.platform import process
from crm.platform.people import teams
from crm.records import segments
from crm.reports import query
from crm.store import Store
from crm.workbench import queries
from tests.owner_privacy import owner_privacy
from tests.people import Team

CYCLE = Tile(kind="cycle", width=Width.THIRD)
BRIDGE = Tile(kind="bridge", width=Width.HALF, title="The week")


def test_a_dashboard_is_made_changed_and_deleted_by_its_owner(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        made = saved.create(tx, name="Mine", tiles=(CYCLE, BRIDGE), filters={"owner": str(team.ids.ana)})
        changed = saved.edit(tx, made.id, tiles=(BRIDGE, CYCLE), version=made.version)
        assert (changed.tiles, changed.version) == ((BRIDGE, CYCLE), 2)
        assert saved.edit(tx, made.id, tiles=(BRIDGE, CYCLE)).version == 2
        with pytest.raises(Stale):
            saved.edit(tx, made.id, name="x", version=1)
        assert saved.duplicate(tx, made.id).name == "Mine (2)"
        saved.delete(tx, made.id)
        assert [each.name for each in saved.all_of(tx)] == ["Mine (2)"]


def test_a_dashboard_is_seen_by_those_whom_it_is_shared_with(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        group = teams.create(tx, "Sales").id
        teams.change(tx, group, member_ids=[team.ids.ana, team.ids.bob])
    with store.writing(team.ana) as tx:
        made = saved.create(tx, name="Mine", tiles=(CYCLE,))

    def seen() -> list[str]:
        found = []
        for name in ("ana", "bob", "vera"):
            with store.reading(getattr(team, name)) as tx:
                found += [name] if saved.all_of(tx) else []
        return found

    assert seen() == ["ana"]
    for audience, expected in (
        ({"team_id": group}, ["ana", "bob"]),
        ({"shared": True}, ["ana", "bob", "vera"]),
        ({"shared": False, "team_id": None}, ["ana"]),
    ):
        with store.writing(team.ana) as tx:
            saved.edit(tx, made.id, **audience)
        assert seen() == expected
    with pytest.raises(NotFound), store.reading(team.bob) as reading:
        saved.get(reading, made.id)
    with store.writing(team.ana) as tx:
        saved.edit(tx, made.id, shared=True)
    with store.writing(team.bob) as tx:
        with pytest.raises(Forbidden):
            saved.edit(tx, made.id, name="x")
        with pytest.raises(Forbidden):
            saved.delete(tx, made.id)
        assert not saved.duplicate(tx, made.id).shared
    with store.writing(team.ada) as tx:
        saved.delete(tx, made.id)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "taken"}, "name"),
        ({"tiles": (CYCLE,) * 25}, "tiles"),
        ({"tiles": (Tile(kind="weather", width=Width.HALF),)}, "tiles"),
        ({"tiles": (Tile(kind="segment", width=Width.HALF),)}, "tiles"),
        ({"tiles": (Tile(kind="cycle", width=Width.HALF, source_id=1),)}, "tiles"),
        ({"tiles": ({"kind": "cycle"},)}, "tiles"),
        ({"filters": {"colour": "red"}}, "filters"),
        ({"filters": {"period": "someday"}}, "period"),
        ({"team_id": 77}, "team_id"),
        ({"shared": True, "team_id": 77}, "team_id"),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, team: Team, fields: dict[str, object], field: str) -> None:
    with store.writing(team.ana) as tx:
        saved.create(tx, name="Taken")
        with pytest.raises(Invalid) as refused:
            saved.create(tx, **{"name": "New", **fields})  # type: ignore[arg-type]
        assert refused.value.field == field
        assert len(saved.all_of(tx)) == 1


def test_a_tile_of_a_segment_counts_what_its_reader_sees(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Lia")
        contacts.create(tx, name="Lia of Bob", owner_id=team.ids.bob)
        made = segments.create(tx, kind="contacts", name="Lias", search="lia", shared=True)
    owner_privacy(store, team)
    tile = Tile(kind="segment", width=Width.THIRD, source_id=made.id)

    def shown(name: str) -> tuple[object, ...]:
        with store.reading(getattr(team, name)) as tx:
            found = showing.content(tx, tile, query.parse({}, tx.today, period=model.PERIOD))
        return tuple(metric.amount for metric in found.metrics) or (found.empty,)

    assert (shown("marta"), shown("bob")) == ((2,), (1,))
    with store.writing(team.ana) as tx:
        segments.edit(tx, made.id, shared=False)
    assert shown("bob") == ("There is no such segment.",) or "segment" in str(shown("bob"))
    with store.writing(team.ana) as tx:
        segments.delete(tx, made.id)
    assert "segment" in str(shown("ana"))


def test_a_tile_of_a_saved_query_runs_as_its_reader(store: Store, team: Team, sales: Pipeline) -> None:
    process.use(store)
    with store.writing(team.marta) as tx:
        made = queries.create(tx, name="Won", sql="SELECT count(*) AS n FROM deals", shared=True)
    tile = Tile(kind="sql", width=Width.HALF, source_id=made.id)
    for name, said in (("marta", "7"), ("ana", "")):
        with store.reading(getattr(team, name)) as tx:
            found = showing.content(tx, tile, query.parse({}, tx.today, period=model.PERIOD))
        assert (found.table.rows[0][0] if found.table else "") == said
    assert "SQL" in found.empty  # a rep may not run it
