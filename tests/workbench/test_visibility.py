"""What one may not see in the app, one may not see in SQL: the process of a query holds no row of it."""

from dataclasses import replace

import pytest

from crm import companies, contacts, deals, objects, orders, pipelines
from crm.deals.quote import issuing
from crm.deals.quote import verbs as quote
from crm.foundation.access import SYSTEM, Actor, Module, Permission
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import attributes, checklists, links, notes, registry, segments
from crm.records.filters import Rule
from crm.store import Store
from crm.workbench.running import Query, QueryRefused, Workbench
from crm.workbench.views import views
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.workbench.conftest import Ask

SECRET = "Quetzal"
"""What stands in every text of Bob's records, and nowhere else."""

EVERYBODYS = {
    "users", "teams", "team_members", "pipelines", "stages", "stage_versions", "close_reasons", "currency_rates",
}  # fmt: skip
"""Views whose rows everybody sees."""
EVERYBODYS_CATALOGUE = {"products", "product_prices"}


@pytest.fixture
def course(store: Store, team: Team) -> ObjectType:
    with store.writing(SYSTEM) as tx:
        for module in Module:
            workspace.switch(tx, module, True)
        return objects.create(tx, singular="Course", plural="Courses")


@pytest.fixture
def filled(store: Store, team: Team, course: ObjectType) -> None:
    """Everything there is, of Bob alone, under owner-based privacy; Ana and he may run SQL."""
    owner_privacy(store, team)
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="text")
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk"])
    with store.writing(team.bob) as tx:
        company = companies.create(tx, name=SECRET, domain="quetzal.example.com")
        lia = contacts.create(
            tx, name=SECRET, email="x@quetzal.example.com", company_id=company.id, attributes={"size": SECRET}
        )
        contacts.set_labels(tx, lia.id, [SECRET])
        deal = deals.create(tx, title=SECRET, pipeline_id=sales.id, value=10, currency="BRL", contact_id=lia.id)
        deals.set_labels(tx, deal.id, [SECRET])
        quote.add(tx, deal.id, name=SECRET, quantity=1, unit_price=3)
        issuing.issue(tx, deal.id, note=SECRET)
        steps = checklists.add(tx, deal.id, SECRET)
        checklists.add_item(tx, steps.id, SECRET, due_on=tx.today)
        deals.win(tx, deal.id, on=tx.today)
        order = orders.create(tx, title=SECRET, contact_id=lia.id, value=5, currency="BRL", ordered_on=tx.today)
        orders.set_labels(tx, order.id, [SECRET])
        made = registry.room(course.kind).create(tx, name=SECRET)
        registry.room(course.kind).set_labels(tx, made.id, [SECRET])
        links.link(tx, course.kind, made.id, "contact", lia.id)
        notes.add(tx, "contact", lia.id, SECRET)
        segments.create(
            tx, kind="contacts", name="Shared", filter=Rule(field="name", op="is", value=SECRET), shared=True
        )


def with_sql(actor: Actor) -> Actor:
    return replace(actor, permissions=actor.permissions | {Permission.RUN_SQL})


def names(store: Store, actor: Actor) -> list[str]:
    with store.reading(actor) as tx:
        return list(views(tx))


@pytest.mark.usefixtures("filled")
def test_every_view_shows_a_rep_their_own_rows_and_nobody_elses(store: Store, team: Team, ask: Ask) -> None:
    bob, ana = with_sql(team.bob), with_sql(team.ana)
    for view in names(store, bob):
        if view in EVERYBODYS | EVERYBODYS_CATALOGUE:
            continue
        assert ask(bob, f"SELECT * FROM {view}"), f"{view}: Bob sees none of his own"
        assert ask(ana, f"SELECT * FROM {view}") == [], f"{view}: Ana sees what is Bob's"
        assert ask(ana, f"SELECT count(*) AS n FROM {view}") == [{"n": 0}]


@pytest.mark.usefixtures("filled")
def test_what_bob_has_kept_warm_is_not_given_to_ana(store: Store, team: Team, ask: Ask, workbench: Workbench) -> None:
    bob, ana = with_sql(team.bob), with_sql(team.ana)
    sql = "SELECT name FROM contacts"
    for _ in range(2):
        assert ask(bob, sql) == [{"name": SECRET}]
        assert ask(ana, sql) == []
    assert workbench.slices.read_from_store == 2
    assert ask(team.rui, sql) == ask(team.marta, sql) == [{"name": SECRET}]
    assert workbench.slices.read_from_store == 3  # those who see everything share theirs


@pytest.mark.usefixtures("filled")
def test_a_change_is_seen_by_the_next_query(store: Store, team: Team, ask: Ask, workbench: Workbench) -> None:
    sql = "SELECT count(*) AS n FROM contacts"
    assert ask(team.rui, sql) == ask(team.rui, sql) == [{"n": 1}]
    assert workbench.slices.read_from_store == 1
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Own")
    assert ask(team.rui, sql) == [{"n": 2}]
    assert ask(with_sql(team.ana), sql) == [{"n": 1}]
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=False)
    assert ask(with_sql(team.ana), sql) == [{"n": 2}]


@pytest.mark.usefixtures("filled")
def test_nothing_that_is_nobodys_to_see_is_in_any_view(store: Store, team: Team) -> None:
    """Columns are named one by one: what a table gets later does not come with it."""
    with store.reading(team.ada) as tx:
        columns = {(view.name, column.name) for view in views(tx).values() for column in view.columns}
    said = " ".join(f"{view}.{column}" for view, column in columns)
    for word in ("password", "hash", "secret", "token", "session", "search", "_key", "sha256", "mailed", "identity"):
        assert word not in said.replace("external_key", ""), word


@pytest.mark.usefixtures("filled")
def test_every_view_and_column_is_described_and_has_the_type_that_it_says(
    store: Store, team: Team, workbench: Workbench, ask: Ask
) -> None:
    with store.reading(team.ada) as tx:
        offered = views(tx)
        for view in offered.values():
            assert view.description
            assert all(column.description for column in view.columns), view.name
            assert len({column.name for column in view.columns}) == len(view.columns)
            if view.of_segments:
                continue
            found = tx.rows(f"DESCRIBE {view.query(view.columns)}")
            types = {row["column_name"]: row["column_type"] for row in found}
            for column in view.columns:
                told = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}.get(column.type, column.type).replace(", ", ",")
                assert types[column.name] == told, (view.name, column.name)


@pytest.mark.usefixtures("filled")
def test_a_module_that_is_off_is_not_there(store: Store, team: Team, workbench: Workbench, ask: Ask) -> None:
    of = {
        Module.CRM: (
            "deals",
            "deal_labels",
            "deal_lines",
            "quotes",
            "checklists",
            "checklist_items",
            "pipelines",
            "stages",
            "stage_events",
            "deal_versions",
        ),
        Module.COMPANIES: ("companies",),
        Module.ORDERS: ("orders", "order_statuses", "order_labels"),
        Module.OBJECTS: ("object_course", "object_course_labels", "links"),
        Module.CATALOG: ("products", "product_prices"),
    }
    for module, gone in of.items():
        for view in gone:
            assert isinstance(ask(team.rui, f"SELECT count(*) FROM {view}"), list)
        with store.writing(SYSTEM) as tx:
            workspace.switch(tx, module, False)
        assert not set(gone) & set(names(store, team.rui))
        with pytest.raises(QueryRefused, match="no view"):
            workbench.run(team.rui, Query(f"SELECT * FROM {gone[0]}"))
        with store.writing(SYSTEM) as tx:
            workspace.switch(tx, module, True)
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    with pytest.raises(QueryRefused, match="company_id"):
        workbench.run(team.rui, Query("SELECT company_id FROM contacts"))


@pytest.mark.usefixtures("filled")
def test_columns_are_those_of_the_declaration_and_of_the_team(store: Store, team: Team, ask: Ask) -> None:
    found = ask(team.rui, "SELECT attribute_size, c.name, o.value FROM contacts c JOIN orders o ON o.contact_id = c.id")
    assert [(row["attribute_size"], row["name"], float(row["value"])) for row in found] == [(SECRET, SECRET, 5.0)]
    assert ask(team.rui, "SELECT name FROM object_course") == [{"name": SECRET}]
    assert ask(team.rui, "SELECT object_type, record_kind FROM links") == [
        {"object_type": "course", "record_kind": "contact"}
    ]
    assert ask(team.rui, "SELECT segment, record_kind FROM segment_members") == [
        {"segment": "Shared", "record_kind": "contact"}
    ]
    assert ask(team.rui, "SELECT count(*) AS n FROM segment_members") == [{"n": 1}]


@pytest.mark.usefixtures("filled")
def test_the_bin_is_not_there(store: Store, team: Team, ask: Ask) -> None:
    hidden = ("contacts", "contact_labels", "notes", "links", "deals", "deal_labels", "deal_lines", "deal_versions",
              "quotes", "checklists", "checklist_items",
              "stage_events", "orders", "order_labels", "order_statuses", "segment_members")  # fmt: skip
    assert all(ask(team.rui, f"SELECT * FROM {view}") for view in hidden)
    with store.writing(team.bob) as tx:
        for room, view in ((orders, "orders"), (deals, "deals"), (contacts, "contacts")):
            room.delete(tx, tx.value(f"SELECT id FROM {view}"))
    for view in hidden:
        assert ask(team.rui, f"SELECT * FROM {view}") == [], view


@pytest.mark.usefixtures("filled")
def test_an_order_hides_the_deal_that_one_may_not_see(store: Store, team: Team, ask: Ask) -> None:
    with store.writing(team.ana) as tx:
        own = contacts.create(tx, name="Own")
    with store.writing(team.marta) as tx:
        deal = tx.value("SELECT id FROM deals")
        orders.create(tx, title="Lamp", contact_id=own.id, deal_id=deal, value=5, currency="BRL", ordered_on=tx.today)
    assert ask(with_sql(team.ana), "SELECT title, deal_id FROM orders") == [{"title": "Lamp", "deal_id": None}]
    assert ask(team.rui, "SELECT deal_id FROM orders WHERE title = 'Lamp'") == [{"deal_id": deal}]
