"""Many orders at once: put into a status, labelled, deleted; looked at first, taken back whole."""

from datetime import date, timedelta

import pytest

from crm import exports, orders
from crm.contacts import Contact
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff
from crm.orders import Order
from crm.platform import workspace
from crm.records import bulk, labels
from crm.records.bulk import Action, BulkChange, Change
from crm.records.filters import Rule
from crm.records.history import history
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.people import Team

EVERY = ListQuery()
PAID = Change(action=Action.SET_STATUS, status="paid")
RUSH = Change(action=Action.ADD_LABEL, label="Rush")
EARLIER = date(2026, 1, 5)


@pytest.fixture
def three(store: Store, team: Team, lia: Contact, caio: Contact) -> list[Order]:
    """Two of Ana's customer, of which one is paid; one of Bob's that is pending and was paid in part before."""
    with store.writing(team.marta) as tx:
        return [
            orders.create(tx, title="Lamp", value=10, contact_id=lia.id, ordered_on=EARLIER),
            orders.create(tx, title="Chair", value=20, contact_id=lia.id, status="paid", paid_on=EARLIER),
            orders.create(tx, title="Table", value=30, contact_id=caio.id, status="partially_paid", paid_on=EARLIER),
        ]


def as_they_are(store: Store, team: Team, every: list[Order]) -> list[Order]:
    with store.reading(team.ada) as tx:
        return [orders.get(tx, one.id) for one in every]


def changed(store: Store, team: Team, change: Change, query: ListQuery = EVERY) -> BulkChange:
    with store.writing(team.marta) as tx:
        return bulk.apply(tx, "orders", query, change)


def test_a_preview_of_a_status_counts_and_writes_nothing(store: Store, team: Team, three: list[Order]) -> None:
    with store.reading(team.marta) as tx:
        found = bulk.preview(tx, "orders", EVERY, PAID)
    assert (found.matched, found.changing, found.already, found.examples) == (3, 2, 1, ["Lamp", "Table"])
    assert as_they_are(store, team, three) == three


def test_orders_become_paid_with_their_day_and_a_step_of_their_history(
    store: Store, team: Team, three: list[Order]
) -> None:
    made = changed(store, team, PAID)
    lamp, _, table = as_they_are(store, team, three)
    assert (made.changed, made.becomes_name) == (2, "Paid")
    with store.reading(team.marta) as tx:
        assert (lamp.status, lamp.paid_on, table.paid_on) == ("paid", tx.today, EARLIER)
        steps = [(step.from_status, step.to_status, step.by_name) for step in orders.history(tx, lamp.id)]
        (told, *_) = history(tx, "order", lamp.id)
    assert steps == [(None, "pending", "Marta"), ("pending", "paid", "Marta")]
    assert (told.name, told.payload["changes"]["status"]) == ("order.status_changed", ["pending", "paid"])
    assert verify(store) == []


def test_a_day_of_payment_counts_for_those_that_have_none(store: Store, team: Team, three: list[Order]) -> None:
    day = EARLIER + timedelta(days=3)
    changed(store, team, PAID.model_copy(update={"on": day}))
    assert [one.paid_on for one in as_they_are(store, team, three)] == [day, EARLIER, EARLIER]


def test_undoing_a_status_leaves_no_trace_in_the_orders(store: Store, team: Team, three: list[Order]) -> None:
    made = changed(store, team, PAID)
    with store.writing(team.marta) as tx:
        orders.edit(tx, three[2].id, note="Paid by card")
    with store.writing(team.marta) as tx:
        assert bulk.undo(tx, made.id).model_dump() == {"put_back": 1, "left": 1}
        assert [step.to_status for step in orders.history(tx, three[0].id)] == ["pending"]
        assert [step.to_status for step in orders.history(tx, three[2].id)] == ["partially_paid", "paid"]
        assert [(one.name, one.because) for one in bulk.left(tx, made.id)] == [("Table", "It was changed since.")]
    lamp = as_they_are(store, team, three)[0]
    assert lamp.model_dump(exclude={"version", "updated_at"}) == three[0].model_dump(exclude={"version", "updated_at"})
    assert verify(store) == []


@pytest.mark.parametrize(
    "change",
    [
        Change(action=Action.SET_STATUS),
        Change(action=Action.SET_STATUS, status="lost"),
        Change(action=Action.SET_STATUS, status="overdue", on=EARLIER),
        Change(action=Action.SET_OWNER, owner_id=None),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, team: Team, three: list[Order], change: Change) -> None:
    with pytest.raises(Invalid), store.writing(team.marta) as tx:
        bulk.apply(tx, "orders", EVERY, change)
    assert as_they_are(store, team, three) == three


def test_labels_are_put_on_orders_found_by_filtered_exported_and_taken_off(
    store: Store, team: Team, three: list[Order]
) -> None:
    made = changed(store, team, RUSH, ListQuery(ids=(three[0].id, three[2].id)))
    assert [one.labels for one in as_they_are(store, team, three)] == [("Rush",), (), ("Rush",)]
    with store.reading(team.marta) as tx:
        (uses,) = labels.uses(tx).items()
        rushed = ListQuery(Rule(field="label", op="is", value=uses[0]), sort="id")
        assert uses[1] == {"orders": 2}
        assert [row["title"] for row in orders.find(tx, rushed).items] == ["Lamp", "Table"]
        assert exports.table(tx, "orders", rushed).column("Labels").to_pylist() == ["Rush", "Rush"]
    with store.writing(team.marta) as tx:
        assert orders.set_labels(tx, three[1].id, ["Gift"]).labels == ("Gift",)
        assert bulk.undo(tx, made.id).put_back == 2
    assert [one.labels for one in as_they_are(store, team, three)] == [(), ("Gift",), ()]
    assert verify(store) == []


def test_deleted_orders_free_their_keys_and_come_back_where_nobody_took_them(
    store: Store, team: Team, lia: Contact
) -> None:
    with store.writing(team.marta) as tx:
        for number in ("7", "8"):
            orders.create(tx, title=number, value=1, contact_id=lia.id, source="commerce", external_id=number)
    made = changed(store, team, Change(action=Action.DELETE))
    with store.writing(team.marta) as tx:
        assert orders.count(tx, EVERY) == 0
        orders.create(tx, title="7 again", value=1, contact_id=lia.id, source="commerce", external_id="7")
    with store.writing(team.marta) as tx:
        assert bulk.undo(tx, made.id).put_back == 1
        assert [one.because for one in bulk.left(tx, made.id)] == ["Its external id belongs to another order now."]
        assert orders.known_as(tx, "commerce", "8")
    assert verify(store) == []


@pytest.mark.usefixtures("three")
def test_only_those_who_may_manage_the_crm_change_orders_while_the_module_is_on(store: Store, team: Team) -> None:
    for actor in (team.vera, team.rui):
        for change in (PAID, RUSH, Change(action=Action.DELETE)):
            with store.writing(actor) as tx, pytest.raises(Forbidden):
                bulk.apply(tx, "orders", EVERY, change)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    with pytest.raises(ModuleOff), store.writing(team.ada) as tx:
        bulk.apply(tx, "orders", EVERY, PAID)


@pytest.mark.usefixtures("private")
def test_a_rep_changes_the_orders_that_they_see_alone(store: Store, team: Team, three: list[Order]) -> None:
    with store.writing(team.ana) as tx:
        picked = ListQuery(ids=tuple(one.id for one in three))
        found = bulk.preview(tx, "orders", picked, PAID)
        assert (found.matched, found.changing, found.gone) == (2, 1, 1)
        assert bulk.apply(tx, "orders", EVERY, PAID).changed == 1
        bulk.apply(tx, "orders", EVERY, RUSH)
    assert [one.status for one in as_they_are(store, team, three)] == ["paid", "paid", "partially_paid"]
    assert [one.labels for one in as_they_are(store, team, three)] == [("Rush",), ("Rush",), ()]
    with store.reading(team.bob) as tx:
        assert bulk.find(tx) == []
        assert tx.rows("FROM order_labels") == []
