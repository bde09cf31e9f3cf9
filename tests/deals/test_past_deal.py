"""One deal as of a past day: what it was at its end, it is of that day ever after."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import deals, imports, pipelines, worker
from crm.deals import Deal, NotThere, PastDeal, health, quote
from crm.deals.quote import PastLine
from crm.foundation import clock
from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff, NotFound
from crm.pipelines import Kind, Pipeline
from crm.platform import files
from crm.records import attachments, notes
from crm.records.history import history
from crm.store import Store, Writing
from tests.deals.conftest import MONDAY, TUESDAY, WEDNESDAY, Week
from tests.owner_privacy import owner_privacy
from tests.people import Team

SUNDAY, THURSDAY = date(2026, 3, 1), date(2026, 3, 5)
HELD = (
    *("value", "currency", "stage_id", "stage_name", "status", "owner_id", "owner_name", "expected_close"),
    *("probability", "forecast_category", "closed_on", "close_reason", "close_note", "pipeline_id"),
)
"""Fields with a history."""


def held(deal: Deal) -> dict[str, Any]:
    return {name: getattr(deal, name) for name in HELD}


def then(store: Store, team: Team, deal_id: int, day: date) -> PastDeal:
    with store.reading(team.marta) as tx:
        return deals.deal_as_of(tx, deal_id, day)


def test_a_deal_is_shown_ever_after_as_a_day_ended(store: Store, team: Team, week: Week, sold: Pipeline) -> None:
    lead, talk, offer = (stage.id for stage in sold.open_stages)
    with week.on(MONDAY, team.marta) as tx:
        made = deals.create(
            tx, title="Chairs", pipeline_id=sold.id, value=100, owner_id=team.ids.ana, expected_close=date(2026, 4, 1)
        )
        ends = {MONDAY: deals.get(tx, made.id)}
    with week.on(TUESDAY, team.marta) as tx:
        deals.move(tx, made.id, to_stage=talk)
        deals.edit(tx, made.id, value=900, currency="USD", owner_id=team.ids.bob, own_probability=Decimal(80))
        deals.edit(tx, made.id, expected_close=date(2026, 6, 1), own_category="commit")
        ends[TUESDAY] = deals.get(tx, made.id)
    with week.on(WEDNESDAY, team.marta) as tx:
        deals.win(tx, made.id, note="At last")
        ends[WEDNESDAY] = deals.get(tx, made.id)
    with week.on(THURSDAY, team.marta) as tx:
        deals.reopen(tx, made.id, to_stage=offer)
        deals.edit(tx, made.id, title="Armchairs", value=7)
        pipelines.rename_stage(tx, talk, "Meeting")
        pipelines.set_probability(tx, lead, Decimal(1))
        deals.remove_stage(tx, talk, deals_to=lead)
    found = {day: then(store, team, made.id, day) for day in ends}
    for day, ended in ends.items():
        shown = held(found[day].deal)
        # The note of a closing that was taken back is gone.
        assert shown == held(ended) | {"close_note": None}, day
        assert found[day].deal.title == "Chairs"
        assert [stage.name for stage in found[day].stages] == ["Lead", "Talk", "Offer", "Won", "Lost"]
    whole = timedelta(days=1)
    assert found[MONDAY].stood.keys() == {lead}
    assert found[TUESDAY].stood == {lead: whole, talk: found[MONDAY].stood[lead]}
    assert found[WEDNESDAY].stood == {lead: whole, talk: whole}
    assert found[WEDNESDAY].deal.status is Kind.WON
    assert found[TUESDAY].entered_at.date() == TUESDAY


def test_a_deal_is_shown_in_a_pipeline_that_was_deleted_since(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.marta) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id).id
        other = pipelines.create(tx, "Other", ["First"])
    with week.on(TUESDAY, team.marta) as tx:
        deals.move(tx, made, to_stage=other.stages[0].id)
        pipelines.delete(tx, sold.id)
    found = then(store, team, made, MONDAY)
    assert (found.deal.pipeline_name, found.deal.stage_name, len(found.stages)) == ("Sold", "Lead", 5)
    assert found.stood.keys() == {sold.stages[0].id}


def test_before_it_was_made_and_while_it_lay_in_the_bin_a_deal_was_not_there(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(TUESDAY, team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id).id
    with week.on(WEDNESDAY, team.ana) as tx:
        deals.delete(tx, made)
    with store.reading(team.ana) as tx:
        with pytest.raises(NotThere, match="not there yet on Mar 2, 2026: it was made on Mar 3, 2026"):
            deals.deal_as_of(tx, made, MONDAY)
        with pytest.raises(NotThere, match="On Mar 4, 2026 this deal lay in the bin"):
            deals.deal_as_of(tx, made, WEDNESDAY)
        assert deals.deal_as_of(tx, made, TUESDAY).is_gone


def test_who_does_not_see_a_deal_now_sees_nothing_of_its_past(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.marta) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id, owner_id=team.ids.bob).id
    with week.on(TUESDAY, team.marta) as tx:
        deals.edit(tx, made, owner_id=team.ids.ana)
    owner_privacy(store, team)
    for actor in (team.ana, team.marta):
        with store.reading(actor) as tx:
            assert deals.deal_as_of(tx, made, MONDAY).deal.owner_id == team.ids.bob
    for day in (SUNDAY, MONDAY):
        with store.reading(team.bob) as tx, pytest.raises(NotFound, match="no such deal"):
            deals.deal_as_of(tx, made, day)
    without = replace(team.marta, modules=team.marta.modules - {Module.CRM})
    with store.reading(without) as tx, pytest.raises(ModuleOff):
        deals.deal_as_of(tx, made, MONDAY)


def test_the_history_until_a_moment_holds_nothing_that_came_after(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id).id
        notes.add(tx, "deal", made, "Wants forty")
    with week.on(TUESDAY, team.ana) as tx:
        notes.add(tx, "deal", made, "Wants fifty")
        deals.win(tx, made)
    with store.reading(team.ana) as tx:
        end = clock.end_of(MONDAY, tx.actor.time_zone)
        assert [event.name for event in history(tx, "deal", made, until=end)] == ["note.added", "deal.created"]
        assert len(history(tx, "deal", made)) == 4


def test_the_title_and_plain_fields_are_those_of_then_however_they_were_changed(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.marta) as tx:
        made = deals.create(tx, title="Chairs", identifier="D-1", pipeline_id=sold.id, source="Fair").id
    with week.on(TUESDAY, team.marta) as tx:
        deals.edit(tx, made, title="Armchairs", priority="high", source=None)
        deals.edit(tx, made, title="Sofas")
    week.go_to(WEDNESDAY)
    rename = "identifier,title,source\nD-1,Desks,Web\n"
    sha256, size = files.keep(store, [rename.encode()], 2**20)
    with store.writing(team.marta) as tx:
        upload = files.register(tx, sha256=sha256, file_name="deals.csv", size=size)
        imports.begin(tx, "deals", upload.id, imports.Options(on_duplicate="overwrite"))
    while worker.work_one(store):
        pass
    with week.on(THURSDAY, team.marta) as tx:
        assert deals.edit(tx, made, title="Tables").source == "Web"
    told = [then(store, team, made, day).deal for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY)]
    assert [(one.title, one.source, one.priority) for one in told] == [
        ("Chairs", "Fair", None),
        ("Sofas", None, "high"),
        ("Desks", "Web", "high"),
        ("Tables", "Web", "high"),
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.sampled_from(["add", "edit", "remove", "turn"]), st.integers(1, 9)), max_size=9),
    data=st.data(),
)
def test_lines_of_each_past_day_are_those_that_were_there(
    store: Store, team: Team, sold: Pipeline, week: Week, steps: list[tuple[str, int]], data: st.DataObject
) -> None:
    """The oracle notes the lines as each day ends."""
    day = MONDAY
    with week.on(day, team.marta) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id, value=5).id
    ends: dict[date, list[dict[str, Any]]] = {day: []}
    for what, number in steps:
        day += timedelta(days=data.draw(st.integers(0, 1)))
        with week.on(day, team.marta) as tx:
            there = [line.id for line in quote.of(tx, made).items]
            if what == "add":
                quote.add(tx, made, name=f"Item {number}", quantity=number, unit_price="1.25")
            elif there and what == "edit":
                quote.edit(
                    tx, made, there[number % len(there)], quantity=number, discount_kind="percent", discount=number
                )
            elif there and what == "remove":
                quote.remove(tx, made, there[number % len(there)])
            elif there:
                quote.reorder(tx, made, there[::-1])
            ends[day] = [line.model_dump(include=set(PastLine.model_fields)) for line in quote.of(tx, made).items]
    for past, ended in ends.items():
        found = then(store, team, made, past)
        assert [line.model_dump() for line in found.lines or ()] == ended
        assert found.lines is not None
        assert found.deal.has_lines == bool(ended)


def test_lines_that_the_log_does_not_lead_to_are_not_told(store: Store, team: Team, week: Week, sold: Pipeline) -> None:
    with week.on(MONDAY, team.marta) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id).id
        line = quote.add(tx, made, name="Chair", quantity=2, unit_price=10)
    with week.on(TUESDAY, team.marta) as tx:
        quote.remove(tx, made, line.id)
        told = tx.value("SELECT particulars FROM base.events WHERE name = 'line.removed'")
        # As older versions wrote it.
        tx.run(
            "UPDATE base.events SET particulars = $told WHERE name = 'line.removed'",
            told=json.dumps(
                {key: value for key, value in json.loads(told).items() if key in ("line_id", "line_name", "total")}
            ),
        )
    assert then(store, team, made, TUESDAY).lines == ()
    (old,) = then(store, team, made, MONDAY).lines or ()
    assert (old.name, old.total, old.quantity, old.unit_price) == ("Chair", Decimal(20), None, None)
    with week.on(WEDNESDAY, team.marta) as tx:
        tx.run("DELETE FROM base.events WHERE name = 'line.removed'")
        quote.add(tx, made, name="Desk", unit_price=7)
        tx.run("UPDATE base.deal_lines SET created_at = $then", then=datetime(2026, 3, 2, tzinfo=UTC))
        tx.run("DELETE FROM base.events WHERE name = 'line.added'")
    assert then(store, team, made, MONDAY).lines is None


def test_files_of_then_are_shown_with_those_that_were_removed_since(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id).id
        stays, goes, gone = (attach(store, tx, made, name) for name in ("plan.txt", "draft.txt", "typo.txt"))
        attachments.remove(tx, gone)
    with week.on(TUESDAY, team.ana) as tx:
        attachments.remove(tx, goes)
        attach(store, tx, made, "signed.txt")
    found = then(store, team, made, MONDAY).files
    assert [(one.attachment_id, one.file_name, one.attached_by_name, one.is_there) for one in found] == [
        (goes, "draft.txt", "Ana", False),
        (stays, "plan.txt", "Ana", True),
    ]
    assert [one.file_name for one in then(store, team, made, TUESDAY).files] == ["signed.txt", "plan.txt"]


def attach(store: Store, tx: Writing, deal_id: int, name: str) -> int:
    sha256, size = files.keep(store, [name.encode()], 2**20)
    return attachments.attach(tx, "deal", deal_id, sha256=sha256, file_name=name, size=size, media_type="text/plain").id


def test_health_of_then_is_what_the_page_said_that_day(store: Store, team: Team, week: Week, sold: Pipeline) -> None:
    with week.on(MONDAY, team.marta) as tx:
        made = deals.create(
            tx, title="Chairs", pipeline_id=sold.id, owner_id=team.ids.ana, expected_close=date(2026, 3, 2)
        ).id
    ends = {}
    for day in (MONDAY, TUESDAY):
        week.go_to(day)
        with store.reading(team.marta) as tx:
            ends[day] = health.at_a_glance(tx, [made])[made]
    with week.on(WEDNESDAY, team.marta) as tx:
        deals.edit(tx, made, expected_close=date(2026, 12, 1))
        deals.win(tx, made)
    for day, ended in ends.items():
        assert then(store, team, made, day).health == ended
    assert ends[MONDAY] != ends[TUESDAY]
    assert then(store, team, made, WEDNESDAY).health is None
