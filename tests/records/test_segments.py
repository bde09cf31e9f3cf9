"""Segments: saved, shared, limited, counted; and what breaks them is said."""

import pytest

from crm import companies, contacts
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.platform import workspace
from crm.records import attributes, segments
from crm.records.filters import All, Any_, Rule
from crm.records.filters import compile as compiled
from crm.records.listing import ListQuery
from crm.records.segments import Segment
from crm.store import Store, Writing
from tests.owner_privacy import owner_privacy
from tests.people import Team

RECIFE = Rule(field="city", op="is", value="Recife")


def vips(tx: Writing, **given: object) -> Segment:
    return segments.create(tx, **{"kind": "contacts", "name": "VIPs", "filter": RECIFE, **given})  # type: ignore[arg-type]


def names(store: Store, actor: object, segment: Segment, further: ListQuery | None = None) -> list[str]:
    with store.reading(actor) as tx:  # type: ignore[arg-type]
        return sorted(row["name"] for row in contacts.find(tx, segments.list_query(segment, further)).items)


@pytest.fixture
def people(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora Recife", domain="aurora.example")
        contacts.create(tx, name="Ana", city="Recife", company_id=aurora.id)
        contacts.create(tx, name="Bia", city="RECIFE", owner_id=team.ids.bob)
        contacts.create(tx, name="Caio", city="Porto")


@pytest.mark.usefixtures("people")
def test_a_segment_holds_whoever_meets_it_now(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        segment = vips(tx)
        assert segments.counts(tx, (segment,)) == {segment.id: 2}
        contacts.create(tx, name="Davi", city="recife")
        assert segments.counts(tx, (segment,)) == {segment.id: 3}
    assert names(store, team.ana, segment) == ["Ana", "Bia", "Davi"]


@pytest.mark.usefixtures("people")
def test_a_list_is_narrowed_within_a_segment(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        segment = vips(tx, search="a")
    assert names(store, team.ana, segment, ListQuery(search="bia")) == ["Bia"]
    nobody = Rule(field="owner_id", op="is_empty")
    assert names(store, team.marta, segment, ListQuery(nobody)) == ["Ana"]
    assert names(store, team.ana, segment, ListQuery(search="caio")) == []


@pytest.mark.usefixtures("people")
def test_many_segments_are_counted_in_one_look(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        found = [vips(tx, name=f"{n}", search=search) for n, search in enumerate(("ana", "a", "aurora", "zzz"))]
        found.append(segments.create(tx, kind="companies", name="Auroras", search="recife"))
        assert list(segments.counts(tx, tuple(found)).values()) == [1, 2, 1, 0, 1]


def test_a_segment_is_its_makers_until_it_is_shared(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        segment = vips(tx)
    with store.reading(team.bob) as tx:
        assert segments.of_kind(tx) == []
        with pytest.raises(NotFound):
            segments.get(tx, segment.id)
    with store.writing(team.ana) as tx:
        segments.edit(tx, segment.id, shared=True)
    with store.reading(team.bob) as tx:
        assert [(one.name, one.user_name) for one in segments.of_kind(tx, "contacts")] == [("VIPs", "Ana")]


def test_a_shared_segment_shows_each_what_they_may_see(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Of Ana", city="Recife", owner_id=team.ids.ana)
        contacts.create(tx, name="Of Bob", city="Recife", owner_id=team.ids.bob)
        segment = vips(tx, shared=True)
    assert names(store, team.ana, segment) == ["Of Ana"]
    assert names(store, team.marta, segment) == ["Of Ana", "Of Bob"]
    with store.reading(team.vera) as tx:
        assert segments.counts(tx, (segment,)) == {segment.id: 0}


def test_only_its_maker_changes_a_segment_and_others_duplicate_it(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        segment = vips(tx, shared=True)
    with store.writing(team.vera) as tx:
        with pytest.raises(Forbidden, match="belongs to Ana"):
            segments.edit(tx, segment.id, name="Mine")
        with pytest.raises(Forbidden):
            segments.delete(tx, segment.id)
        own = segments.duplicate(tx, segment.id)
        second = segments.duplicate(tx, segment.id)
    assert (own.name, own.filter, own.shared, own.user_id) == ("VIPs", RECIFE, False, team.ids.vera)
    assert second.name == "VIPs (2)"
    with store.writing(team.ada) as tx:
        segments.delete(tx, segment.id)
    with store.reading(team.ana) as tx:
        assert segments.of_kind(tx) == []


def test_an_edit_is_kept_refused_when_stale_and_empty_when_nothing_differs(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        segment = vips(tx)
        wider = All(of=(RECIFE, Rule(field="blocked", op="is", value=False)))
        changed = segments.edit(tx, segment.id, version=1, name="Recife", filter=wider)
        assert (changed.name, changed.filter, changed.version) == ("Recife", wider, 2)
        assert segments.edit(tx, segment.id, name="Recife") == changed
        with pytest.raises(Stale):
            segments.edit(tx, segment.id, version=1, name="Late")


@pytest.mark.parametrize(
    "given",
    [
        {"name": "  "},
        {"name": "vips"},
        {"name": "x" * 81},
        {"kind": "deals"},
        {"name": "All", "filter": None},
        {"name": "Odd", "filter": Rule(field="gone", op="is", value="x")},
        {"name": "Odd", "filter": Rule(field="city", op="more_than", value="x")},
        {"name": "Long", "search": "x" * 201},
    ],
)
def test_what_makes_no_segment_is_refused(store: Store, team: Team, given: dict[str, object]) -> None:
    with store.writing(team.ana) as tx:
        vips(tx)
        with pytest.raises(Invalid):
            vips(tx, **given)
        assert len(segments.of_kind(tx)) == 1


def test_each_person_has_as_many_as_the_administrator_allows(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        assert workspace.get(tx).segment_limit == 50
        workspace.change(tx, segment_limit=2)
    with store.writing(team.ana) as tx:
        first = vips(tx, name="1", shared=True)
        vips(tx, name="2")
        with pytest.raises(Invalid, match="2 segments, as many as the workspace allows"):
            segments.duplicate(tx, first.id)
        segments.delete(tx, first.id)
        vips(tx, name="3")
    with store.writing(team.bob) as tx:
        vips(tx)
    with pytest.raises(Invalid), store.writing(team.ada) as tx:
        workspace.change(tx, segment_limit=-1)


def test_a_criterion_that_broke_is_said_and_never_means_everybody(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        tier = attributes.define(tx, model="contact", name="Tier", type="text")
        contacts.create(tx, name="Ana", attributes={"tier": "gold"})
        segment = vips(tx, filter=Rule(field="attribute:tier", op="is", value="gold"))
        assert segments.counts(tx, (segment,)) == {segment.id: 1}
        attributes.delete(tx, tier.id)
    with store.writing(team.ada) as tx:
        (fault,) = segments.broken(tx, segment)
        assert "Tier" in fault
        assert segments.counts(tx, (segment,)) == {segment.id: None}
        with pytest.raises(Invalid):
            contacts.find(tx, segments.list_query(segment))
        renamed = segments.edit(tx, segment.id, name="Was gold")
    assert renamed.filter == segment.filter


def test_segments_of_companies_are_gone_with_the_module(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        segment = segments.create(tx, kind="companies", name="Auroras", search="aurora")
        workspace.switch(tx, Module.COMPANIES, False)
    with store.reading(team.ada) as tx:
        assert segments.of_kind(tx) == []
        with pytest.raises(ModuleOff):
            segments.get(tx, segment.id)


@pytest.mark.usefixtures("people")
def test_a_segment_kept_under_wider_limits_is_broken_and_spoils_no_other(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled = Rule(field="label", op="is_empty")
    with store.writing(team.ana) as tx:
        sound = vips(tx)
        with monkeypatch.context() as wider:
            wider.setattr(compiled, "MOST_ELSEWHERE", 100)
            wide = vips(tx, name="Wide", filter=Any_(of=(labelled,) * 41))
        assert segments.counts(tx, [sound, wide]) == {sound.id: 2, wide.id: None}
        (fault,) = segments.broken(tx, wide)
    assert "has 41 conditions" in fault


@pytest.mark.usefixtures("people")
def test_segments_that_look_elsewhere_often_are_not_all_counted_in_one_query(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled = Any_(of=(Rule(field="label", op="is_empty"),) * 15)
    with store.writing(team.ana) as tx:
        found = [vips(tx, name=f"{n}", filter=labelled) for n in range(5)]
        asked: list[str] = []
        row = type(tx).row
        monkeypatch.setattr(type(tx), "row", lambda tx, sql, **given: (asked.append(sql), row(tx, sql, **given))[1])
        assert set(segments.counts(tx, tuple(found)).values()) == {3}
    counted = "count(*) FILTER"
    assert [sql.count(counted) for sql in asked if counted in sql] == [2, 2, 1]
