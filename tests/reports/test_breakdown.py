"""Each part of a breakdown has the figures that the reports have of its deals alone."""

from datetime import date

import pytest

from crm import contacts, deals
from crm.foundation.errors import Invalid, NotFound
from crm.pipelines import Pipeline
from crm.platform.people import teams
from crm.records import attributes, segments
from crm.records.filters import Rule
from crm.reports import breakdown, closings, conversion, velocity
from crm.reports.breakdown import Breakdown
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from crm.reports.split import Split
from crm.store import Reading, Store
from tests.people import Team
from tests.reports.conftest import Days

YEAR = Period(first=date(2026, 1, 1), end=date(2027, 1, 1))
TODAY = "2026-03-15"


@pytest.fixture
def filled(store: Store, team: Team, sales: Pipeline, days: Days) -> Pipeline:
    """Deals of Ana, Bob and nobody, of two sizes and without one, of contacts in Recife and elsewhere."""
    with days.on("2026-01-05", team.ada) as tx:
        north = teams.create(tx, "North").id
        attributes.define(tx, model="deal", name="Size", type="list", values=["Small", "Large & more"])
        attributes.define(tx, model="deal", name="Notes", type="text")
    owners, sizes = (team.ids.ana, team.ids.bob, None), ("Small", "Large & more", None)
    for number in range(12):
        with days.on(f"2026-02-{1 + number:02}", team.marta) as tx:
            contact = contacts.create(tx, name=f"Lia {number}", city=("Recife", "Porto")[number % 2])
            deal = deals.create(
                tx,
                title=f"D{number}",
                pipeline_id=sales.id,
                value=100 * number,
                owner_id=owners[number % 3],
                team_id=(north, None)[number % 3 > 0],
                source=("web", None)[number // 2 % 2],
                contact_id=contact.id,
                attributes={"size": sizes[number // 3 % 3]} if sizes[number // 3 % 3] else {},
            )
        with days.on(f"2026-03-{1 + number:02}", team.marta) as tx:
            match number % 4:
                case 0:
                    deals.win(tx, deal.id)
                case 1:
                    deals.lose(tx, deal.id, note="Silence")
                case 2:
                    deals.move(tx, deal.id, to_stage=sales.open_stages[1].id)
    with days.on(TODAY, team.marta) as tx:
        for kind, name, rule in (
            ("deals", "Dear", Rule(field="value", op="more_than", value=300)),
            ("deals", "All", Rule(field="value", op="more_than", value=-1)),
            ("contacts", "Recife", Rule(field="city", op="is", value="Recife")),
        ):
            segments.create(tx, kind=kind, name=name, filter=rule)
    return sales


def read(tx: Reading, sales: Pipeline, split: str, scope: Scope | None = None) -> Breakdown:
    return breakdown.report(tx, split=Split.parse(split), pipeline_id=sales.id, period=YEAR, scope=scope)


SPLITS = ["owner", "team", "source", "segment:deals", "segment:contacts", "attribute:size"]


@pytest.mark.parametrize("split", SPLITS)
def test_a_part_has_the_figures_of_its_deals_alone(store: Store, team: Team, filled: Pipeline, split: str) -> None:
    with store.reading(team.marta) as tx:
        found = read(tx, filled, split)
        assert len(found.parts) >= 2 or split == "segment:contacts"
        for part in found.parts:
            scope = found.split.narrowed(Scope(pipeline_ids=(filled.id,)), part.key)
            funnel = conversion.report(tx, pipeline_id=filled.id, period=YEAR, scope=scope)
            assert part.reached == [step.reached for step in funnel.steps]
            assert (part.conversion, part.conversion_at_most) == (funnel.rate, funnel.rate_at_most)
            closed = closings.report(tx, period=YEAR, grain=Grain.MONTH, scope=scope)
            assert (part.rate, part.cycle) == (closed.rate, closed.cycle)
            assert part.velocity
            pace = velocity.report(tx, scope=scope)
            assert part.velocity.model_copy(update={"scope": scope}) == pace
            behind = breakdown.drill_down(tx, found, part.key, f"reached:{filled.open_stages[0].id}")
            assert behind.count == part.arrived > 0
            assert breakdown.drill_down(tx, found, part.key, "won").count == part.rate.won.count
            assert breakdown.drill_down(tx, found, part.key, "velocity:open").count == part.velocity.open


def test_parts_that_do_not_overlap_are_all_deals_and_are_named(store: Store, team: Team, filled: Pipeline) -> None:
    with store.reading(team.marta) as tx:
        for split, names in (
            ("owner", {"Ana", "Bob", None}),
            ("team", {"North", None}),
            ("source", {"web", None}),
            ("attribute:size", {"Small", "Large & more", None}),
        ):
            found = read(tx, filled, split)
            assert {part.name for part in found.parts} == names
            assert sum(part.arrived for part in found.parts) == 12


def test_the_scope_narrows_by_segments_and_attributes(store: Store, team: Team, filled: Pipeline) -> None:
    with store.reading(team.marta) as tx:
        dear, recife = (
            next(each.id for each in segments.of_kind(tx) if each.name == name) for name in ("Dear", "Recife")
        )

        def arrived(**scope: object) -> int:
            found = conversion.report(tx, pipeline_id=filled.id, period=YEAR, scope=Scope(**scope))  # type: ignore[arg-type]
            return found.entered

        assert arrived(segment_ids=(dear,)) == 8
        assert arrived(segment_ids=(dear, recife)) == 4
        assert arrived(attributes=(("size", "Small"),)) == 6
        assert arrived(attributes=(("size", ""),)) == 3
        assert arrived(segment_ids=(recife,), attributes=(("size", "Large & more"),)) == 1
        assert arrived(attributes=(("size", "Huge"),)) == 0
        for wrong in ("notes", "colour"):
            with pytest.raises(Invalid, match="no list attribute"):
                arrived(attributes=((wrong, "Small"),))
    with store.reading(team.ana) as tx, pytest.raises(NotFound):
        conversion.report(tx, pipeline_id=filled.id, period=YEAR, scope=Scope(segment_ids=(dear,)))


@pytest.mark.parametrize("text", ["", "owners", "owner:1", "segment", "segment:orders", "attribute", "attribute:"])
def test_what_nothing_is_broken_down_by_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Split.parse(text)
