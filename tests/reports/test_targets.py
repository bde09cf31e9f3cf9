"""Targets: who sets and sees them, what they are of, and the forecast against them. Today is 15 March 2026."""

from datetime import date
from decimal import Decimal

import pytest

from crm import deals, pipelines
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff, NotFound
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.platform.people import teams
from crm.reports import attainment, forecast, target_file, targets
from crm.reports.attainment import Attainments
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from crm.reports.targets import Span, Subject
from crm.store import Store
from tests.people import Team
from tests.reports.conftest import Days

EVERYBODY = Subject()
FIRST_QUARTER = Period(first=date(2026, 1, 1), end=date(2026, 4, 1))
HALF_YEAR = Period(first=date(2026, 1, 1), end=date(2026, 7, 1))


@pytest.fixture(autouse=True)
def _today(days: Days) -> None:
    days.go_to("2026-03-15")


def put(store: Store, team: Team, amounts: dict[str, object], subject: Subject = EVERYBODY) -> None:
    with store.writing(team.marta) as tx:
        for period, amount in amounts.items():
            targets.set_target(tx, subject, Span.parse(period), amount)  # type: ignore[arg-type]


def held(store: Store, team: Team) -> dict[str, Decimal]:
    with store.reading(team.marta) as tx:
        return {str(target.span): target.amount for target in targets.all_of(tx)}


def against(store: Store, team: Team, **asked: object) -> Attainments:
    with store.reading(team.marta) as tx:
        given = {"period": FIRST_QUARTER, "grain": Grain.MONTH, **asked}
        return attainment.of(tx, forecast.report(tx, **given))  # type: ignore[arg-type]


@pytest.fixture
def sold(store: Store, team: Team, sales: Pipeline) -> Pipeline:
    """Ana: 1,000 won on 15 March, and 2,000 open for 20 March at 25 %."""
    with store.writing(team.ana) as tx:
        won = deals.create(tx, title="Won", pipeline_id=sales.id, value=1000)
        deals.win(tx, won.id)
        deals.create(tx, title="Open", pipeline_id=sales.id, value=2000, expected_close=date(2026, 3, 20))
    return sales


def test_a_target_takes_the_place_of_the_one_before_and_both_are_in_the_log(store: Store, team: Team) -> None:
    put(store, team, {"2026-03": "1000.005"})
    put(store, team, {"2026-03": 1000})
    put(store, team, {"2026-03": 2500})
    assert held(store, team) == {"2026-03": 2500}
    with store.writing(team.marta) as tx:
        targets.delete(tx, targets.all_of(tx)[0].id)
    with store.reading(team.ada) as tx:
        log = tx.rows("SELECT name, particulars->>'changes' AS changes FROM base.events WHERE subject_kind = 'target'")
    # 1000.005 is 1000.00 in reais: the second time nothing was set.
    assert [row["name"] for row in log] == ["target.set", "target.set", "target.deleted"]
    assert '"amount":["1000.0000","2500.00"]' in log[1]["changes"].replace(" ", "")
    assert held(store, team) == {}


@pytest.mark.parametrize(("first", "second"), [("2026-Q1", "2026-03"), ("2026-02", "2026-Q1")])
def test_a_quarter_has_a_target_of_its_own_or_those_of_its_months(
    store: Store, team: Team, first: str, second: str
) -> None:
    put(store, team, {first: 100, "2026-04": 1})
    with pytest.raises(Invalid, match=f"{second} overlaps with the target of {first}"), store.writing(team.ada) as tx:
        targets.set_target(tx, EVERYBODY, Span.parse(second), 50)
    put(store, team, {second: 50}, Subject(owner_id=team.ids.ana))
    assert held(store, team).keys() == {first, second, "2026-04"}


@pytest.mark.parametrize("amount", ["-1", "much", "1e30"])
def test_what_is_no_amount_of_zero_or_more_is_refused(store: Store, team: Team, amount: str) -> None:
    put(store, team, {"2026-03": 10})
    with pytest.raises(Invalid) as refused, store.writing(team.marta) as tx:
        targets.set_target(tx, EVERYBODY, Span.parse("2026-03"), amount)
    assert refused.value.field == "amount"
    assert held(store, team) == {"2026-03": 10}


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-Q5", "1800-01", "March"])
def test_a_period_is_a_month_or_a_quarter(text: str) -> None:
    with pytest.raises(Invalid):
        Span.parse(text)


def test_a_target_is_of_one_that_exists(store: Store, team: Team, sales: Pipeline) -> None:
    of_two = Subject(owner_id=team.ids.ana, pipeline_id=sales.id)
    for subject, error in ((of_two, Invalid), (Subject(owner_id=99), NotFound), (Subject(pipeline_id=99), NotFound)):
        with pytest.raises(error), store.writing(team.marta) as tx:
            targets.set_target(tx, subject, Span.parse("2026-03"), 1)


@pytest.mark.parametrize("name", ["ana", "rui", "vera"])
def test_only_managers_and_administrators_set_targets(store: Store, team: Team, name: str) -> None:
    put(store, team, {"2026-03": 10})
    with store.reading(team.ada) as tx:
        known = targets.all_of(tx)[0].id
    actor = getattr(team, name)
    with pytest.raises(Forbidden), store.writing(actor) as tx:
        targets.set_target(tx, EVERYBODY, Span.parse("2026-03"), 20)
    with pytest.raises(Forbidden), store.writing(actor) as tx:
        targets.delete(tx, known)
    with pytest.raises(Forbidden), store.writing(actor) as tx:
        target_file.apply(tx, b"period,amount\n2026-03,20\n")
    assert held(store, team) == {"2026-03": 10}


@pytest.mark.parametrize("private", [False, True])
def test_a_rep_sees_their_own_their_teams_and_everybodys_and_managers_all(
    store: Store, team: Team, sales: Pipeline, private: bool
) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=private)
        north, south = (teams.create(tx, name).id for name in ("North", "South"))
        teams.change(tx, north, member_ids=[team.ids.ana])
    subjects = (
        EVERYBODY,
        Subject(pipeline_id=sales.id),
        Subject(team_id=north),
        Subject(team_id=south),
        Subject(owner_id=team.ids.ana),
        Subject(owner_id=team.ids.bob),
    )
    for subject in subjects:
        put(store, team, {"2026-03": 10}, subject)

    def seen(name: str) -> set[str]:
        with store.reading(getattr(team, name)) as tx:
            return {target.subject_name for target in targets.all_of(tx)}

    of_all = {"Everybody", "Sales"}
    assert seen("ana") == of_all | {"North", "Ana"}
    assert seen("bob") == of_all | {"Bob"}
    assert seen("vera") == of_all
    for name in ("ada", "marta", "rui"):
        assert seen(name) == of_all | {"North", "South", "Ana", "Bob"}
    with store.reading(team.bob) as tx:
        report = forecast.report(
            tx, period=FIRST_QUARTER, grain=Grain.QUARTER, scope=Scope(owner_id=team.ids.ana), currency=None
        )
        assert not attainment.of(tx, report).any_target


def test_a_deleted_pipelines_target_is_gone_and_off_is_off(store: Store, team: Team, sales: Pipeline) -> None:
    put(store, team, {"2026-03": 10}, Subject(pipeline_id=sales.id))
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Other", ["Talk"])
        pipelines.delete(tx, sales.id)
    assert held(store, team) == {}
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    with pytest.raises(ModuleOff), store.reading(team.marta) as tx:
        targets.all_of(tx)


def test_coverage_and_gap_are_of_what_is_won_open_and_weighted(store: Store, team: Team, sold: Pipeline) -> None:
    put(store, team, {"2026-01": 500, "2026-02": 500, "2026-03": 4000})
    found = against(store, team)
    assert [each.target for each in found.buckets] == [500, 500, 4000]
    march = found.buckets[2]
    # (1000 + 2000) / 4000, and 4000 − 1000 − 2000 × 25 %
    assert (march.coverage, march.gap) == (0.75, 2500)
    assert (found.total.target, found.total.coverage, found.total.gap) == (5000, 0.6, 3500)
    assert found.why_not is None
    assert [each.target for each in against(store, team, grain=Grain.QUARTER).buckets] == [5000]


def test_a_quarters_target_is_of_the_quarter_and_of_no_month(store: Store, team: Team, sold: Pipeline) -> None:
    put(store, team, {"2026-Q1": 6000})
    by_month = against(store, team)
    assert [each.target for each in by_month.buckets] == [None, None, None]
    assert (by_month.total.target, by_month.total.coverage) == (6000, 0.5)
    assert [each.target for each in against(store, team, grain=Grain.QUARTER).buckets] == [6000]
    part = against(store, team, period=Period(first=date(2026, 2, 1), end=date(2026, 4, 1)), grain=Grain.QUARTER)
    assert not part.any_target


def test_months_without_a_target_are_counted_and_nothing_is_made_of_the_rest(
    store: Store, team: Team, sold: Pipeline
) -> None:
    put(store, team, {"2026-02": 0, "2026-03": 4000})
    found = against(store, team, period=HALF_YEAR)
    assert (found.total.target, found.total.missing) == (4000, 4)
    assert (found.total.coverage, found.total.gap) == (None, None)
    assert "4 of 6 months have no target" in (found.why_not or "")
    assert found.buckets[2].coverage == 0.75
    assert (found.buckets[1].coverage, found.buckets[1].gap) == (None, 0)  # of a target of nothing
    assert found.buckets[0].gap is None


def test_a_month_that_the_period_cuts_has_no_target(store: Store, team: Team, sold: Pipeline) -> None:
    put(store, team, {"2026-03": 4000})
    cut = Period(first=date(2026, 3, 10), end=date(2026, 4, 1))
    assert not against(store, team, period=cut).any_target


def test_the_target_is_that_of_the_reports_owner_team_or_pipeline(store: Store, team: Team, sold: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        north = teams.create(tx, "North").id
    put(store, team, {"2026-Q1": 1}, EVERYBODY)
    put(store, team, {"2026-Q1": 2}, Subject(owner_id=team.ids.ana))
    put(store, team, {"2026-Q1": 3}, Subject(team_id=north))
    put(store, team, {"2026-Q1": 4}, Subject(pipeline_id=sold.id))
    scopes = (
        Scope(),
        Scope(owner_id=team.ids.ana),
        Scope(team_id=north),
        Scope(pipeline_ids=(sold.id,)),
        Scope(as_of=date(2026, 3, 14)),
    )
    assert [against(store, team, scope=scope).total.target for scope in scopes] == [1, 2, 3, 4, 1]


@pytest.fixture(
    params=[
        {"scope": Scope(source="web")},
        {"scope": Scope(owner_id=0)},
        {"scope": Scope(owner_id=1, team_id=1)},
        {"scope": Scope(pipeline_ids=(1, 2))},
        {"currency": "USD"},
    ]
)
def narrower(request: pytest.FixtureRequest) -> dict[str, object]:
    given: dict[str, object] = request.param
    return given


def test_other_filters_have_no_target_and_say_why(
    store: Store, team: Team, sold: Pipeline, narrower: dict[str, object]
) -> None:
    put(store, team, {"2026-Q1": 1})
    found = against(store, team, **narrower)
    assert not found.any_target
    assert "Targets are" in (found.why_not or "")


def test_targets_in_a_former_currency_are_kept_and_count_nowhere(store: Store, team: Team, sold: Pipeline) -> None:
    put(store, team, {"2026-03": 10})
    with store.writing(team.ada) as tx:
        workspace.change(tx, currency="USD")
    assert held(store, team) == {"2026-03": 10}
    assert not against(store, team).any_target
    put(store, team, {"2026-03": 10})
    with store.reading(team.marta) as tx:
        assert [target.currency for target in targets.all_of(tx)] == ["USD"]


FILE = """\
owner,team,pipeline,period,amount
ana@mallard.test.example.com,,,2026-03,1000
Bob,,,2026-Q2,3000.50

,North,,2026-03,10
,,sales,2026-03,20
,,,2026-03,30
,,,2026-Q1,40
,,,2026-03,50
Zoe,,,2026-03,1
Ana,North,,2026-04,1
,,,March,1
,,,2026-05,-1
"""


def test_a_file_says_what_would_come_of_it_and_sets_what_is_right(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        teams.create(tx, "North")
    put(store, team, {"2026-03": 29})
    with store.reading(team.marta) as tx:
        planned = target_file.plan(tx, FILE.encode())
    assert (planned.new, planned.changed, planned.unchanged) == (4, 1, 0)
    assert [reject.line for reject in planned.rejects] == [8, 9, 10, 11, 12, 13]
    assert planned.rejects[2].reason == "There is no owner “Zoe”."
    assert held(store, team) == {"2026-03": 29}
    with store.writing(team.marta) as tx:
        assert target_file.apply(tx, FILE.encode()) == planned
    with store.reading(team.marta) as tx:
        found = {(target.subject_name, str(target.span)): target.amount for target in targets.all_of(tx)}
    assert found == {
        ("Ana", "2026-03"): 1000,
        ("Bob", "2026-Q2"): Decimal("3000.50"),
        ("North", "2026-03"): 10,
        ("Sales", "2026-03"): 20,
        ("Everybody", "2026-03"): 30,
    }
    with store.writing(team.marta) as tx:
        again = target_file.apply(tx, FILE.replace(",", ";").encode())
    assert (again.new, again.changed, again.unchanged) == (0, 0, 5)


@pytest.mark.parametrize(
    "content", [b"", b"name\nx\n", b"period;amount;owner;owner\n", b"\xff\xfe", b"a" * (2**20 + 1)]
)
def test_what_is_no_file_of_targets_is_refused(store: Store, team: Team, content: bytes) -> None:
    with pytest.raises(Invalid), store.reading(team.marta) as tx:
        target_file.plan(tx, content)
