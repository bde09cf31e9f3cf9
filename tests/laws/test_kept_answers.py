"""Whatever is written, and by whom: every kept function answers as the same function does that keeps nothing."""

import importlib
import pkgutil
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FunctionType
from typing import Any, TypeAlias

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crm
from crm import catalog, companies, contacts, deals, objects, pipelines
from crm.dashboards import saved as dashboards
from crm.deals import PipelineQuery, agenda, quote, saved_views
from crm.foundation.access import SYSTEM, Actor, Module, Role
from crm.foundation.errors import CrmError
from crm.platform import notices, preferences, rate_fetching, rates, workspace
from crm.platform.people import sessions, teams, users
from crm.records import attributes, bulk, checklists, duplicates, labels, links, notes, registry, segments
from crm.records.bulk import Action, Change
from crm.records.duplicates.inbox import PairQuery
from crm.records.fields import Reference, Target
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.reports import membership, scenarios, targets
from crm.reports import scope as report_scope
from crm.reports.assumptions import AssumedDeal, Assumptions, StageChance
from crm.reports.customer_people import Cell
from crm.reports.customers import Buyers, CustomerScope
from crm.reports.figure_codes import Figure
from crm.reports.periods import Grain, Period
from crm.reports.query import ReportFilters
from crm.reports.scope import Scope
from crm.reports.split import By, Split
from crm.reports.why import Back
from crm.store import Reading, Store, Writing
from crm.webhooks import inbound
from crm.workbench import queries
from tests.people import Team

TODAY = date(2026, 3, 2)
READS = {"kept.<locals>.read", "kept_by_row.<locals>.read"}
KINDS = {"contact": "contacts", "company": "companies", "deal": "deals", "order": "orders"}
Arguments: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]


def every_kept_function() -> dict[str, Callable[..., Any]]:
    """{module and name: function} of all that are kept."""
    for module in pkgutil.walk_packages(crm.__path__, "crm."):
        importlib.import_module(module.name)
    found = {}
    for loaded in [module for name, module in sys.modules.items() if name.startswith("crm.")]:
        for each in vars(loaded).values():
            if isinstance(each, FunctionType) and each.__code__.co_qualname in READS:
                found[f"{each.__module__}.{each.__name__}"] = each
    return found


class World:
    """Ids that reads and writes may use: those that are there, or were."""

    def __init__(self, store: Store, team: Team) -> None:
        self.team = team
        self.session = ""
        self.ids: dict[str, list[int]] = {
            kind: [] for kind in (*KINDS, "segment", "view", "label", "note", "list", "course")
        }
        with store.writing(SYSTEM) as tx:
            workspace.change(tx, owner_privacy=True)
            for module in Module:
                workspace.switch(tx, module, True)
            self.team_id = teams.create(tx, "Sales").id
            teams.change(tx, self.team_id, member_ids=[team.ids.ana])
            self.pipeline = pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])
            course = objects.create(tx, singular="Course", plural="Courses")
            objects.add_field(tx, course.id, name="Level", type="list", values=["A1", "B1"])
            self.course = course.kind
            self.type_label = links.add_label(tx, self.course, "student").id
            self.session = sessions.hashed(sessions.begin(tx, team.ids.ana))
        for actor in (team.ana, team.bob, team.marta):
            with store.writing(actor) as tx:
                company = companies.create(tx, name=f"{actor.name} & Co").id
                contact = contacts.create(tx, name=f"Lia of {actor.name}", company_id=company).id
                deal = deals.create(
                    tx, title=f"Plan of {actor.name}", pipeline_id=self.pipeline.id, contact_id=contact, value=100
                ).id
                self.ids["company"].append(company)
                self.ids["contact"].append(contact)
                self.ids["deal"].append(deal)
                self.ids["list"].append(checklists.add(tx, deal, "Steps").id)
                self.ids["course"].append(registry.room(self.course).create(tx, name=f"Chess of {actor.name}").id)

    def id(self, kind: str, which: int) -> int:
        known = self.ids[kind]
        return known[which % len(known)] if known else 1


Write: TypeAlias = Callable[[Writing, World, int], Any]


def _create(kind: str, **given: Any) -> Write:
    def write(tx: Writing, world: World, which: int) -> None:
        made = registry.room(kind).create(tx, **{key: value(world, which) for key, value in given.items()})
        world.ids[kind].append(made.id)

    return write


def _change_settings(tx: Writing, world: World, which: int) -> None:
    workspace.change(
        tx,
        **[
            {"owner_privacy": bool(which & 4)},
            {"time_zone": "Asia/Tokyo"},
            {"name": f"Team {which}"},
            {"currency": ("BRL", "USD")[which // 4 % 2]},
        ][which % 4],
    )


def _new_segment(tx: Writing, world: World, which: int) -> None:
    rule = Rule(field="name", op="contains", value="a") if which % 2 else Rule(field="city", op="is", value="Recife")
    made = segments.create(tx, kind="contacts", name=f"Segment {which}", filter=rule, shared=bool(which & 2))
    world.ids["segment"].append(made.id)


def _new_view(tx: Writing, world: World, which: int) -> None:
    made = saved_views.create(
        tx, pipeline_id=world.pipeline.id, name=f"View {which}", kind="board", shared=bool(which & 1)
    )
    world.ids["view"].append(made.id)
    saved_views.open_with(tx, made.id)


def _new_attribute(tx: Writing, world: World, which: int) -> None:
    attributes.define(tx, model="contact", name=f"Plan {which}", type="text")


def _note(tx: Writing, world: World, which: int) -> None:
    world.ids["note"].append(notes.add(tx, "deal", world.id("deal", which), f"Call {which}").id)


def _edit_note(tx: Writing, world: World, which: int) -> None:
    notes.edit(tx, world.id("note", which), f"Call again {which}")


def _label(tx: Writing, world: World, which: int) -> None:
    world.ids["label"].append(labels.create(tx, f"Label {which}").id)


def _bulk_label(tx: Writing, world: World, which: int) -> None:
    kind = ("contact", "deal")[which % 2]
    bulk.apply(
        tx,
        KINDS[kind],
        ListQuery(ids=(world.id(kind, which),)),
        Change(action=Action.ADD_LABEL, label=f"All {which % 3}"),
    )


def _link(tx: Writing, world: World, which: int) -> None:
    kind = ("contact", "deal")[which % 2]
    links.link(tx, world.course, world.id("course", which), kind, world.id(kind, which), linked_on=TODAY)


def _link_all(tx: Writing, world: World, which: int) -> None:
    kind = ("contact", "deal")[which % 2]
    change = Change(action=Action.LINK, linked_kind=world.course, linked_id=world.id("course", which))
    made = bulk.apply(tx, KINDS[kind], ListQuery(), change)
    if which & 2:
        bulk.undo(tx, made.id)


def _unlink(tx: Writing, world: World, which: int) -> None:
    _link(tx, world, which)
    links.unlink(tx, links.of_record(tx, world.course, world.id("course", which))[0].links[0].id)


def _list_of_steps(tx: Writing, world: World, which: int) -> None:
    item = checklists.add_item(tx, world.id("list", which), f"Step {which}")
    if which & 1:
        checklists.tick(tx, item.id)
    if which & 2:
        checklists.remove_item(tx, item.id)


WRITES: dict[str, tuple[str, Write]] = {
    "a contact": ("ana", _create("contact", name=lambda world, which: f"Rui {which}")),
    "a contact of another": ("bob", _create("contact", name=lambda world, which: f"Bia {which}")),
    "a company": ("ana", _create("company", name=lambda world, which: f"Pampa {which}")),
    "a deal": (
        "ana",
        _create(
            "deal",
            title=lambda world, which: f"Deal {which}",
            pipeline_id=lambda world, which: world.pipeline.id,
            contact_id=lambda world, which: world.id("contact", 0),
            value=lambda world, which: which,
        ),
    ),
    "an order": (
        "marta",
        _create(
            "order",
            title=lambda world, which: f"Order {which}",
            contact_id=lambda world, which: world.id("contact", which),
            value=lambda world, which: 10,
        ),
    ),
    "another name": (
        "marta",
        lambda tx, world, which: contacts.edit(tx, world.id("contact", which), name=f"Name {which}"),
    ),
    "another owner": (
        "marta",
        lambda tx, world, which: deals.edit(
            tx, world.id("deal", which), owner_id=(world.team.ids.ana, world.team.ids.bob)[which % 2]
        ),
    ),
    "contacts to the bin": ("marta", lambda tx, world, which: contacts.delete(tx, world.id("contact", which))),
    "deals to the bin": ("marta", lambda tx, world, which: deals.delete(tx, world.id("deal", which))),
    "back from the bin": ("marta", lambda tx, world, which: contacts.restore(tx, world.id("contact", which))),
    "a move": (
        "marta",
        lambda tx, world, which: deals.move(
            tx,
            world.id("deal", which),
            to_stage=world.pipeline.open_stages[which % len(world.pipeline.open_stages)].id,
        ),
    ),
    "a win": ("marta", lambda tx, world, which: deals.win(tx, world.id("deal", which))),
    "a loss": ("marta", lambda tx, world, which: deals.lose(tx, world.id("deal", which), note="Too dear")),
    "a line": (
        "marta",
        lambda tx, world, which: quote.add(tx, world.id("deal", which), name="Seat", unit_price=10 + which),
    ),
    "a quote": ("marta", lambda tx, world, which: quote.issue(tx, world.id("deal", which))),
    "a note": ("marta", _note),
    "another note": ("marta", _edit_note),
    "a pinned note": ("marta", lambda tx, world, which: notes.pin(tx, world.id("note", which))),
    "no note": ("ada", lambda tx, world, which: notes.delete(tx, world.id("note", which))),
    "a label": ("ada", _label),
    "a label renamed": ("ada", lambda tx, world, which: labels.change(tx, world.id("label", which), name=f"L {which}")),
    "no label": ("ada", lambda tx, world, which: labels.delete(tx, world.id("label", which))),
    "labels of many": ("marta", _bulk_label),
    "a link": ("marta", _link),
    "no link": ("marta", _unlink),
    "links of many": ("marta", _link_all),
    "a label of links": (
        "ada",
        lambda tx, world, which: links.rename_label(tx, world.type_label, f"student {which}"),
    ),
    "a level": (
        "marta",
        lambda tx, world, which: registry.room(world.course).edit(
            tx, world.id("course", which), level=("A1", "B1")[which % 2]
        ),
    ),
    "a course to the bin": (
        "marta",
        lambda tx, world, which: registry.room(world.course).delete(tx, world.id("course", which)),
    ),
    "a step": ("marta", _list_of_steps),
    "follow": ("marta", lambda tx, world, which: deals.follow(tx, world.id("deal", which))),
    "a preference": ("ana", lambda tx, world, which: preferences.put(tx, "columns", [str(which)])),
    "notices read": ("ana", lambda tx, world, which: notices.mark_read(tx)),
    "a notice": (
        "marta",
        lambda tx, world, which: notices.leave(tx, world.team.ids.ana, f"Note {which}"),
    ),
    "a segment": ("ana", _new_segment),
    "no segment": ("ana", lambda tx, world, which: segments.delete(tx, world.id("segment", which))),
    "a view": ("ana", _new_view),
    "an attribute": ("ada", _new_attribute),
    "settings": ("ada", _change_settings),
    "a module": (
        "ada",
        lambda tx, world, which: workspace.switch(tx, list(Module)[which % len(Module)], bool(which & 8)),
    ),
    "another role": (
        "ada",
        lambda tx, world, which: users.change(
            tx, world.team.ids.bob, role=(Role.REP, Role.MANAGER, Role.VIEWER)[which % 3]
        ),
    ),
    "another team": (
        "ada",
        lambda tx, world, which: teams.change(
            tx, world.team_id, member_ids=[(world.team.ids.ana, world.team.ids.bob)[which % 2]]
        ),
    ),
    "a rate": ("ada", lambda tx, world, which: rates.set_rate(tx, ("USD", "EUR")[which % 2], TODAY, 1 + which)),
    "rates fetched": ("ada", lambda tx, world, which: rate_fetching.set_up(tx, f"https://x.example/{which}")),
    "a target": (
        "marta",
        lambda tx, world, which: targets.set_target(
            tx,
            targets.Subject(owner_id=world.team.ids.ana if which % 2 else None),
            targets.Span(first=TODAY.replace(day=1), grain=Grain.MONTH),
            which,
        ),
    ),
    "a scenario": (
        "ana",
        lambda tx, world, which: scenarios.create(
            tx, name=f"Scenario {which}", assumptions=Assumptions(win_rate=Decimal(2)), shared=bool(which % 2)
        ),
    ),
    "a dashboard": (
        "ana",
        lambda tx, world, which: dashboards.create(tx, name=f"Dashboard {which}", shared=bool(which % 2)),
    ),
    "a saved query": (
        "marta",
        lambda tx, world, which: queries.create(tx, name=f"Query {which}", sql="SELECT 1", shared=bool(which % 2)),
    ),
    "a product": ("marta", lambda tx, world, which: catalog.create(tx, name=f"Seat {which}", sku=f"S-{which}")),
    "a pipeline renamed": ("ada", lambda tx, world, which: pipelines.rename(tx, world.pipeline.id, f"Sales {which}")),
    "a scan for duplicates": ("marta", lambda tx, world, which: duplicates.scan(tx, ("contact", "company")[which % 2])),
    "a webhook's secret": ("ada", lambda tx, world, which: inbound.make(tx, "commerce")),
    "a session ended": ("ana", lambda tx, world, which: sessions.end(tx, world.session)),
}


def _records(world: World) -> Iterator[tuple[Any, ...]]:
    for kind, ids in world.ids.items():
        if kind in KINDS:
            yield from ((kind, record_id) for record_id in ids[-2:])


def _targets() -> list[Reference]:
    """A reference for each of the small tables that records point to."""
    found = [field for of in registry.types().values() for field in of.references.values()]
    return list({field.to.view: field for field in found if isinstance(field.to, Target)}.values())


def arguments(world: World, tx: Reading) -> dict[str, list[Arguments]]:
    """{kept function: the arguments that it is compared with}."""
    pipeline, deal_ids, contact_ids = world.pipeline.id, world.ids["deal"][-2:], world.ids["contact"][-2:]
    of_deal: list[Arguments] = [((each,), {}) for each in deal_ids]
    of_contact: list[Arguments] = [((each,), {}) for each in contact_ids]
    of_company: list[Arguments] = [((each,), {}) for each in world.ids["company"][-2:]]
    of_record: list[Arguments] = [(each, {}) for each in _records(world)]
    once: list[Arguments] = [((), {})]
    types: list[Arguments] = [((registry.get(kind), ListQuery()), {}) for kind in KINDS]
    days = [agenda.Scope(), agenda.Scope(user_id=world.team.ids.ana)]
    year = {"period": Period(first=date(2026, 1, 1), end=date(2027, 1, 1)), "grain": Grain.MONTH}
    return {
        "crm.catalog.listing.find": [((ListQuery(sort="name"),), {})],
        "crm.catalog.listing.named": [(("",), {})],
        "crm.catalog.listing.options": once,
        "crm.companies.card.card": of_company,
        "crm.contacts.activity.last_activity": of_contact,
        "crm.contacts.card.card": of_contact,
        "crm.contacts.card.of_company": [((each, 3), {}) for each in world.ids["company"][-2:]],
        "crm.dashboards.saved.all_of": once,
        # Each answer takes a process of its own: compared in tests/dashboards/test_query_tiles.py.
        "crm.dashboards.sources._answer": [],
        "crm.dashboards.schedules.all_of": once,
        "crm.deals.agenda._entries": [((tuple(deal_ids),), {})],
        "crm.deals.agenda._open": [((scope,), {}) for scope in days],
        "crm.deals.agenda.closing": [((scope, TODAY), {}) for scope in days],
        "crm.deals.agenda.steps": [((scope, TODAY), {}) for scope in days],
        "crm.deals.agenda.won": [((scope, date(2026, 1, 1), date(2026, 12, 31)), {}) for scope in days],
        "crm.deals.board._cards": [((tuple(world.ids["deal"]),), {})],
        "crm.deals.board._outline": [((pipeline,), {"search": "", "owner_id": None, "filter": None, "shown": ()})],
        "crm.deals.board.board": [((pipeline,), {}), ((pipeline,), {"search": "plan"})],
        "crm.deals.board.board_as_of": [((pipeline, TODAY - timedelta(days=1)), {})],
        "crm.deals.calendar.calendar": [((PipelineQuery(pipeline_id=pipeline), TODAY.replace(day=1)), {})],
        "crm.deals.close_reasons.close_reasons": [(("won",), {}), (("lost",), {})],
        "crm.deals.figures._closings": [((pipeline,), {})],
        "crm.deals.figures.figures": [((pipeline,), {}), ((pipeline,), {"owner_id": world.team.ids.ana})],
        "crm.deals.following.follows": of_deal,
        "crm.deals.health.deal_facts.deal_facts": [((tuple(deal_ids),), {}), *((((each,),), {}) for each in deal_ids)],
        "crm.deals.health.parameters.parameters": once,
        "crm.deals.health.reading.touched_by": [((each, "moved"), {}) for each in deal_ids],
        "crm.deals.health.usual.usual": once,
        "crm.deals.movements._recorded": of_deal,
        "crm.deals.movements.stage_events": of_deal,
        "crm.deals.of_pipeline.deals_of_pipeline": [((pipeline,), {})],
        "crm.deals.past_deal.deal_as_of": [((each, TODAY.replace(year=2099)), {}) for each in deal_ids],
        "crm.deals.quote.issuing.issued": of_deal,
        "crm.deals.quote.lines.of": of_deal,
        "crm.deals.related.of_company": of_company,
        "crm.deals.related.of_contact": of_contact,
        "crm.deals.related.totals_of_company": of_company,
        "crm.deals.saved_views.all_of": once,
        "crm.deals.saved_views.broken": [((view,), {}) for view in saved_views.all_of(tx)],
        "crm.deals.saved_views.default": once,
        "crm.deals.totals.totals": [((ListQuery(),), {})],
        "crm.objects.verbs.record_counts": once,
        "crm.objects.verbs.types": once,
        "crm.orders.history.history": [((each,), {}) for each in world.ids["order"]],
        "crm.orders.overview.overview": [((ListQuery(sort=""),), {})],
        "crm.orders.overview.totals": [((ListQuery(sort=""),), {})],
        "crm.orders.related.of": [*((("contact", each), {}) for each in contact_ids)],
        "crm.pipelines.model.all_of": once,
        "crm.pipelines.options.close_reasons": once,
        "crm.platform.notices.of_actor": once,
        "crm.platform.people.presence._actor_of": [((world.session,), {})],
        "crm.platform.people.teams.everyone": once,
        "crm.platform.people.users.active_actor": [((world.team.ids.bob,), {})],
        "crm.platform.people.users.people": once,
        "crm.platform.people.users.get": [((world.team.ids.bob,), {})],
        "crm.platform.personal.read": once,
        "crm.platform.rate_fetching.current": once,
        "crm.platform.rates.conversion._dated": once,
        "crm.platform.rates.conversion.of_day": [((TODAY,), {})],
        "crm.platform.rates.conversion.rate_on": [((code, TODAY), {}) for code in ("USD", "BRL")],
        "crm.platform.rates.reading.base_currency": once,
        "crm.platform.rates.reading.history": once,
        "crm.platform.rates.reading.latest": once,
        "crm.platform.workspace.get": once,
        "crm.records.attached.of": of_record,
        "crm.records.attachments.of": of_record,
        "crm.records.attributes.definitions._every": once,
        "crm.records.bin.is_restorable": [each for each in of_record if each[0][0] != "order"],
        "crm.records.board.board": [((registry.get(world.course), "level", ListQuery(sort="name")), {})],
        "crm.records.bulk.verbs.has_made_any": [(("contacts",), {}), (("deals",), {})],
        "crm.records.bulk.verbs.recent": [(("contacts",), {}), (("deals",), {})],
        "crm.records.checklists.items.assignable": of_deal,
        "crm.records.checklists.model.of": of_deal,
        "crm.records.checklists.templates.templates": once,
        "crm.records.duplicates.inbox.by_reason": [(("contact",), {})],
        "crm.records.duplicates.inbox.count": [((PairQuery("contact"),), {})],
        "crm.records.duplicates.inbox.find": [((PairQuery("contact"),), {})],
        "crm.records.duplicates.requests.last": [(("contact",), {}), (("contact", "scan"), {})],
        "crm.records.duplicates.inbox.of_record": [(("contact", each), {}) for each in contact_ids],
        "crm.records.filtering.fields_of": [((plural,), {}) for plural in KINDS.values()],
        "crm.records.history.history": of_record,
        "crm.records.labels.all_of": once,
        "crm.records.links.labels.labels": [((world.course,), {})],
        "crm.records.links.reading.of_company": of_company,
        "crm.records.links.reading.of_record": [((world.course, each), {}) for each in world.ids["course"]],
        "crm.records.links.reading.of_subject": [
            *((("contact", each), {}) for each in contact_ids),
            *((("deal", each), {}) for each in deal_ids),
        ],
        "crm.records.links.reading.page": [(("contact", each, world.course), {}) for each in contact_ids],
        "crm.records.lists.count": types,
        "crm.records.lists.find": types,
        "crm.records.merging.unmerging.absorbed_any": [(("contact", each), {}) for each in contact_ids],
        "crm.records.merging.unmerging.merges_into": [(("contact", each), {}) for each in contact_ids],
        "crm.records.notes.of": of_record,
        "crm.records.notes.pinned": of_record,
        "crm.records.options.labels": once,
        "crm.records.options.people": once,
        "crm.records.options.teams": once,
        "crm.records.reading.find_one": [((registry.get(kind), each), {}) for kind, each in _records(world)],
        "crm.records.references._names": once,
        "crm.records.references.choices": [((field,), {}) for field in _targets()],
        "crm.records.segments.broken": [((segment,), {}) for segment in segments.of_kind(tx)],
        "crm.records.segments.counts": [((tuple(segments.of_kind(tx)),), {})],
        "crm.records.segments.of_kind": [(("contacts",), {}), ((), {})],
        "crm.records.subjects.visible_row": [((registry.get(kind).plural, each), {}) for kind, each in _records(world)],
        "crm.reports.closings.by_part": [((Split(by=By.OWNER),), {"period": year["period"]})],
        "crm.reports.closings.report": [((), year)],
        "crm.reports.backtests.of_pipeline": [((pipeline,), {})],
        "crm.reports.bridge.report": [((), {"first": TODAY - timedelta(days=30), "last": TODAY})],
        "crm.reports.breakdown.report": [
            ((), {"split": Split(by=By(by), key=key), "pipeline_id": pipeline, **year})
            for by, key in (("owner", ""), ("team", ""), ("segment", "contacts"))
        ],
        "crm.reports.membership.of_segment": [
            ((segment.id,), {}) for segment in segments.of_kind(tx) if segment.kind in membership.HOLDERS
        ],
        "crm.reports.membership.selected": [
            ((tuple(segment.id for segment in segments.of_kind(tx, "contacts")), ()), {}),
        ],
        "crm.reports.conversion.report": [((), {"pipeline_id": pipeline, **year})],
        "crm.reports.customer_people.people": [
            ((), {"scope": CustomerScope(), "cell": Cell.parse(cell), **year}) for cell in ("rfm:1:1", "rfm:3:1")
        ],
        "crm.reports.customers.currencies": once,
        "crm.reports.customers.report": [
            ((), year),
            ((), {"scope": CustomerScope(of=Buyers.COMPANIES, owner_id=world.team.ids.bob), **year}),
        ],
        "crm.reports.first_steps.read": once,
        "crm.reports.forecast.by_owner": [((), {"period": year["period"]})],
        "crm.reports.forecast.report": [((), year)],
        "crm.reports.assumptions._deals": [((tuple(world.ids["deal"][-2:]),), {})],
        "crm.reports.assumptions.stale": [
            (
                (
                    Assumptions(
                        stages=(StageChance(stage_id=world.pipeline.stages[0].id, probability=Decimal(5)),),
                        deals=tuple(AssumedDeal(deal_id=each) for each in world.ids["deal"][-2:]),
                    ),
                ),
                {},
            )
        ],
        "crm.reports.scenarios.all_of": once,
        "crm.reports.unvalued.report": [((), {"period": year["period"]})],
        "crm.reports.scope.currencies": once,
        "crm.reports.scope.sources": once,
        "crm.reports.stalled._open": [((report_scope.Scope(),), {})],
        "crm.reports.stalled._worth": [((tuple(deal_ids), None), {})],
        "crm.reports.why.explained": [
            ((Figure.parse(code), ReportFilters(scope=Scope(), currency=None, **year), Back.WEEK), {})
            for code in ("forecast:weighted:open", "closings:rate", "velocity:per_day", "target:gap")
        ],
        "crm.reports.targets.all_of": once,
        "crm.reports.velocity.report": once,
        "crm.reports.evaluations.of_pipeline": [((pipeline,), {})],
        "crm.ui.board.frame.read": once,
        "crm.ui.calendar.payload.drawn": [
            ((PipelineQuery(pipeline_id=pipeline), TODAY.replace(day=1)), {"readonly": False, "locale": "en"})
        ],
        "crm.ui.lists.board_payload.drawn": [
            (
                (registry.get(world.course), "level", ListQuery(sort="name")),
                {"shown": (), "readonly": False, "locale": "en"},
            )
        ],
        "crm.ui.views.board_payload.drawn_as_of": [((pipeline, TODAY - timedelta(days=1)), {"locale": "en"})],
        "crm.ui.views.board_payload._encoded": [((pipeline, ()), {"readonly": False, "locale": "en"})],
        "crm.webhooks.inbound.secrets._every": once,
        "crm.workbench.queries.all_of": once,
    }


def answer(function: Callable[..., Any], tx: Reading, given: Arguments) -> Any:
    """What a function answers, or the refusal."""
    args, kwargs = given
    try:
        found = function(tx, *args, **kwargs)
    except CrmError as refusal:
        return type(refusal), str(refusal)
    # A field set holds functions that are made anew each time.
    if function.__module__ == "crm.records.filtering":
        return [*found]
    return found.sort(found.columns).to_dicts() if isinstance(found, pl.DataFrame) else found


def keep(store: Store, world: World, actors: list[Actor], functions: dict[str, Callable[..., Any]]) -> None:
    """Have every function answer, so that there is something to be stale later."""
    for actor in actors:
        with store.reading(actor) as tx:
            for name, every in arguments(world, tx).items():
                for given in every:
                    answer(functions[name], tx, given)


def compare(store: Store, world: World, actors: list[Actor], functions: dict[str, Callable[..., Any]]) -> None:
    for actor in actors:
        with store.reading(actor) as tx, store.reading(actor) as plain:
            plain.answer = lambda build, args, kwargs, plain=plain: build(plain, *args, **kwargs)  # type: ignore
            # Each by itself: of many it has to be the same.
            plain.answer_rows = lambda build, keys, plain=plain: {  # type: ignore
                key: value for each in keys for key, value in build(plain, (each,)).items()
            }
            for name, every in arguments(world, plain).items():
                for given in every:
                    found = answer(functions[name], tx, given)
                    assert found == answer(functions[name], plain, given), (name, given, actor.name)


def everybody(team: Team) -> list[Actor]:
    return [team.ana, team.bob, team.marta, team.vera, replace(SYSTEM, time_zone="UTC")]


@pytest.fixture(scope="module")
def functions() -> dict[str, Callable[..., Any]]:
    return every_kept_function()


def test_every_kept_function_is_compared(store: Store, team: Team, functions: dict[str, Any]) -> None:
    world = World(store, team)
    with store.reading(team.ada) as tx:
        assert set(arguments(world, tx)) == set(functions)


@given(
    steps=st.lists(st.tuples(st.sampled_from(sorted(WRITES)), st.integers(0, 15)), min_size=3, max_size=5),
)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_answer_is_stale(staffed_store: Path, functions: dict[str, Any], steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        store = Store(shutil.copytree(staffed_store, Path(folder) / "store"), threads=1)
        try:
            world = World(store, Team(store))
            keep(store, world, everybody(world.team), functions)
            for name, which in steps:
                with suppress(CrmError):  # refused: nothing may have changed, which is compared as well
                    make(store, world, name, which)
                # One of them: all five at each step would take minutes.
                compare(store, world, [everybody(world.team)[which % 5]], functions)
            compare(store, world, everybody(world.team), functions)
        finally:
            store.close()


def test_each_write_can_be_made(store: Store, team: Team) -> None:
    """None of the writes above is refused always, which would compare nothing."""
    world = World(store, team)
    for name in ("a label", "a note", "an order", "a segment", "a line", "contacts to the bin", "back from the bin"):
        make(store, world, name, 1)
    for name in WRITES:
        if name == "back from the bin":
            make(store, world, "contacts to the bin", 0)
        before = store.version
        make(store, world, name, 0)
        assert store.version == before + 1, name
        if name in ("a module", "deals to the bin", "contacts to the bin"):
            undo(store, world, name)


def make(store: Store, world: World, name: str, which: int) -> None:
    who, write = WRITES[name]
    with store.writing(getattr(world.team, who)) as tx:
        write(tx, world, which)


def undo(store: Store, world: World, name: str) -> None:
    """Make room for the writes that come after."""
    with store.writing(world.team.ada) as tx:
        if name == "a module":
            workspace.switch(tx, next(iter(Module)), True)
        elif name == "deals to the bin":
            deals.restore(tx, world.id("deal", 0))
        elif name == "contacts to the bin":
            contacts.restore(tx, world.id("contact", 0))
