"""Making, editing, taking in, deleting and restoring orders, and the history of their statuses."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from crm import contacts, orders
from crm.contacts import Contact
from crm.deals import Deal
from crm.foundation import clock
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Duplicate, Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.orders import Order
from crm.platform import workspace
from crm.store import Store
from crm.verify import verify
from tests.people import Team

SHOP: dict[str, Any] = {"source": "commerce", "external_id": "B-7", "title": "Two chairs", "value": "90.50"}


def test_a_new_order_takes_the_workspaces_currency_and_today(lamp: Order, lia: Contact) -> None:
    assert (lamp.currency, lamp.status, lamp.contact_id, lamp.contact_name) == ("BRL", "pending", lia.id, "Lia Prado")
    assert lamp.value == Decimal("250.00")
    assert abs(lamp.ordered_on - clock.now().date()) <= timedelta(days=1)
    assert lamp.warnings == ()


def test_a_value_is_rounded_to_the_minor_unit_of_its_currency(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ana) as tx:
        yen = orders.create(tx, title="Tea", contact_id=lia.id, value="99.5", currency="JPY")
        assert yen.value == 100
        assert orders.edit(tx, yen.id, currency="BRL", value="10.005").value == Decimal("10.00")


def test_another_currency_rounds_the_value_that_stays(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ana) as tx:
        order = orders.create(tx, title="Tea", contact_id=lia.id, value="99.49", currency="BRL")
        assert orders.edit(tx, order.id, currency="JPY").value == 99


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"value": "-1"}, "value"),
        ({"value": None}, "value"),
        ({"currency": "XQX"}, "currency"),
        ({"status": "lost"}, "status"),
        ({"source": "fax"}, "source"),
        ({"deal_id": 999}, "deal_id"),
        ({"contact_id": 999}, "contact_id"),
        ({"paid_on": "yesterday"}, "paid_on"),
        ({"ordered_on": date(1, 1, 1)}, "ordered_on"),
    ],
)
def test_what_an_order_cannot_hold_is_refused_by_field(
    store: Store, team: Team, lia: Contact, given: dict[str, Any], field: str
) -> None:
    fields = {"title": "Lamp", "contact_id": lia.id, "value": 10, **given}
    with pytest.raises(Invalid) as refused, store.writing(team.ana) as tx:
        orders.create(tx, **fields)
    assert refused.value.field == field
    with store.reading(team.ana) as tx:
        assert orders.count(tx, orders.ListQuery()) == 0


def test_an_order_without_anybody_who_bought_is_refused(store: Store, team: Team) -> None:
    with pytest.raises(Invalid, match="who bought"), store.writing(team.ana) as tx:
        orders.create(tx, title="Lamp", value=10)
    with pytest.raises(Invalid, match="who bought"), store.writing(team.ana) as tx:
        orders.create(tx, title="Lamp", value=10, contact={"name": "Lia"})


@pytest.mark.parametrize("name", ["rui", "vera"])
def test_who_may_not_manage_the_crm_changes_no_order(store: Store, team: Team, lamp: Order, name: str) -> None:
    actor = getattr(team, name)
    for work in (
        lambda tx: orders.create(tx, title="Lamp", contact_id=lamp.contact_id, value=1),
        lambda tx: orders.upsert(tx, **SHOP, status="paid", contact_id=lamp.contact_id),
        lambda tx: orders.edit(tx, lamp.id, title="Other"),
        lambda tx: orders.set_status(tx, lamp.id, "paid"),
        lambda tx: orders.delete(tx, lamp.id),
        lambda tx: orders.restore(tx, lamp.id),
    ):
        with pytest.raises(Forbidden), store.writing(actor) as tx:
            work(tx)
    with store.reading(team.ana) as tx:
        assert orders.get(tx, lamp.id) == lamp
        assert orders.count(tx, orders.ListQuery()) == 1


def test_with_the_module_off_nothing_of_orders_is_there_and_all_is_kept(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    with store.reading(team.ana) as tx:
        assert orders.count(tx, orders.ListQuery()) == 0
        assert tx.value("SELECT count(*) FROM order_statuses") == 0
    with pytest.raises(ModuleOff), store.writing(team.ana) as tx:
        orders.edit(tx, lamp.id, title="Other")
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.reading(team.ana) as tx:
        assert orders.get(tx, lamp.id) == lamp


def test_an_edit_of_what_somebody_changed_meanwhile_is_refused(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.marta) as tx:
        orders.edit(tx, lamp.id, note="Call first")
    with pytest.raises(Stale, match="Marta changed “Lamp”: note"), store.writing(team.ana) as tx:
        orders.edit(tx, lamp.id, title="Red lamp", version=lamp.version)


def test_an_edit_that_changes_nothing_writes_nothing(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        assert orders.edit(tx, lamp.id, title="Lamp", value=250, status="pending") == lamp


# ---------------------------------------------------------------------------------------------- upsert


def test_the_same_external_id_again_updates_and_never_doubles(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ana) as tx:
        first = orders.upsert(tx, **SHOP, status="pending", contact_id=lia.id, note="Gift")
        again = orders.upsert(tx, **{**SHOP, "value": 95}, status="paid", paid_on=tx.today)
        third = orders.upsert(tx, **{**SHOP, "value": 95}, status="paid")
    assert (first.created, again.created, third.created) == (True, False, False)
    assert first.order.id == again.order.id == third.order.id
    assert (again.order.value, again.order.status, again.order.note) == (95, "paid", "Gift")
    assert third.order == again.order
    assert verify(store) == []


def test_the_same_id_from_another_source_is_another_order(store: Store, team: Team, lia: Contact) -> None:
    with store.writing(team.ana) as tx:
        one = orders.upsert(tx, **SHOP, status="paid", contact_id=lia.id)
        other = orders.upsert(tx, **{**SHOP, "source": "payments"}, status="paid", contact_id=lia.id)
    assert one.order.id != other.order.id


def test_the_contact_of_an_order_is_made_where_it_does_not_exist(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        new = orders.upsert(tx, **SHOP, status="paid", contact={"email": "Zoe@Example.com", "name": "Zoe"})
        assert contacts.get(tx, new.order.contact_id or 0).email == "Zoe@example.com"
        by_phone = orders.upsert(
            tx, **{**SHOP, "external_id": "B-8"}, status="paid", contact={"phone": "+55 11 98765-4321"}
        )
        by_key = orders.upsert(
            tx, **{**SHOP, "external_id": "B-9"}, status="paid", contact={"identifier": "C-1", "name": "Yan"}
        )
        assert contacts.count(tx, orders.ListQuery()) == 3
    assert len({new.order.contact_id, by_phone.order.contact_id, by_key.order.contact_id}) == 3


@pytest.mark.parametrize("known", [{"email": "LIA@example.com"}, {"identifier": "C-7"}, {"phone": "11 98765-4321"}])
def test_a_contact_that_exists_is_found_by_any_of_its_keys(store: Store, team: Team, lia: Contact, known: Any) -> None:
    with store.writing(team.ana) as tx:
        contacts.edit(tx, lia.id, identifier="C-7", phone="+5511987654321")
        assert orders.upsert(tx, **SHOP, status="paid", contact=known).order.contact_id == lia.id
        assert contacts.count(tx, orders.ListQuery()) == 1


def test_an_order_without_an_external_id_is_not_upserted(store: Store, team: Team, lia: Contact) -> None:
    with pytest.raises(Invalid, match="external id"), store.writing(team.ana) as tx:
        orders.upsert(tx, **{**SHOP, "external_id": " "}, status="paid", contact_id=lia.id)


def test_two_orders_of_one_source_cannot_share_an_external_id(store: Store, team: Team, lamp: Order) -> None:
    with pytest.raises(Duplicate) as refused, store.writing(team.ana) as tx:
        orders.create(
            tx, title="Other", contact_id=lamp.contact_id, value=1, source="commerce", external_id=lamp.external_id
        )
    assert refused.value.holder_id == lamp.id
    with store.writing(team.ana) as tx:
        other = orders.create(tx, title="Other", contact_id=lamp.contact_id, value=1)
    with pytest.raises(Duplicate), store.writing(team.ana) as tx:
        orders.edit(tx, other.id, source="commerce", external_id="A-1")


# ---------------------------------------------------------------------------------------------- status


def test_the_history_tells_who_put_the_order_into_which_status(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.marta) as tx:
        orders.set_status(tx, lamp.id, "paid")
    with store.writing(team.ana) as tx:
        orders.edit(tx, lamp.id, status="refunded")
    with store.reading(team.ana) as tx:
        steps = orders.history(tx, lamp.id)
    assert [(step.from_status, step.to_status, step.by_name) for step in steps] == [
        (None, "pending", "Ana"),
        ("pending", "paid", "Marta"),
        ("paid", "refunded", "Ana"),
    ]
    assert steps == sorted(steps, key=lambda step: step.at)


def test_an_order_that_becomes_paid_was_paid_today_or_when_it_is_said(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        assert orders.set_status(tx, lamp.id, "paid").paid_on == tx.today
        before = tx.today - timedelta(days=3)
        assert orders.set_status(tx, lamp.id, "paid", paid_on=before).paid_on == before


def test_a_status_with_the_version_of_before_is_refused(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        orders.set_status(tx, lamp.id, "overdue")
    with pytest.raises(Stale), store.writing(team.ana) as tx:
        orders.set_status(tx, lamp.id, "paid", version=lamp.version)


def warnings(store: Store, team: Team, order: Order, *statuses: str, **fields: Any) -> tuple[str, ...]:
    with store.writing(team.ana) as tx:
        for status in statuses:
            orders.edit(tx, order.id, status=status)
        return orders.edit(tx, order.id, **fields).warnings


def test_a_status_that_makes_no_sense_warns_and_is_kept(store: Store, team: Team, lamp: Order) -> None:
    said = warnings(store, team, lamp, "refunded")
    assert said == ("It was refunded before it was paid.",)
    assert warnings(store, team, lamp, "cancelled") == ("It became cancelled after it was refunded.",)
    with store.reading(team.ana) as tx:
        assert orders.get(tx, lamp.id).warnings == ("It became cancelled after it was refunded.",)
        assert orders.find(tx, orders.ListQuery()).items[0]["warnings"] == (
            "It became cancelled after it was refunded.",
        )


def test_days_that_make_no_sense_warn(store: Store, team: Team, lamp: Order) -> None:
    tomorrow = lamp.ordered_on + timedelta(days=40)
    assert any("lies in the future" in said for said in warnings(store, team, lamp, "paid", paid_on=tomorrow))
    before = lamp.ordered_on - timedelta(days=4)
    assert any("before it was ordered" in said for said in warnings(store, team, lamp, paid_on=before))
    assert warnings(store, team, lamp, "partially_paid", paid_on=None) == ()
    assert warnings(store, team, lamp, "paid") == ("It is paid, but has no paid date.",)
    assert warnings(store, team, lamp, paid_on=lamp.ordered_on) == ()
    assert warnings(store, team, lamp, "overdue") == (
        "It is overdue, but has a paid date.",
        "It became overdue after it was paid.",
    )
    assert any("order date" in said for said in warnings(store, team, lamp, ordered_on=tomorrow))


def test_a_refund_of_what_was_paid_makes_sense(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        orders.set_status(tx, lamp.id, "paid")
        assert orders.set_status(tx, lamp.id, "refunded").warnings == ()


# ---------------------------------------------------------------------------------------------- bin


def test_a_deleted_order_comes_back_as_it_was(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        orders.delete(tx, lamp.id)
        with pytest.raises(NotFound):
            orders.get(tx, lamp.id)
        assert orders.count(tx, orders.ListQuery()) == 0
        back = orders.restore(tx, lamp.id)
    assert back.external_id == "A-1"
    assert back.model_dump(exclude={"version", "updated_at"}) == lamp.model_dump(exclude={"version", "updated_at"})
    assert verify(store) == []


def test_an_order_of_which_its_source_told_anew_stays_in_the_bin(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        orders.delete(tx, lamp.id)
        anew = orders.upsert(
            tx, source="commerce", external_id="A-1", title="Lamp", value=250, status="paid", contact_id=lamp.contact_id
        )
        assert anew.created
    with pytest.raises(Duplicate) as refused, store.writing(team.ana) as tx:
        orders.restore(tx, lamp.id)
    assert refused.value.holder_id == anew.order.id


def test_a_deal_can_have_orders(store: Store, team: Team, lamp: Order, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        assert orders.edit(tx, lamp.id, deal_id=chairs.id).deal_title == "Chairs"


ARRIVALS = some.lists(
    some.tuples(
        some.sampled_from(["commerce", "payments"]),
        some.sampled_from(["1", "2", " 1 "]),
        some.integers(0, 9),
        some.sampled_from(orders.STATUSES),
        some.sampled_from(["a@example.com", "b@example.com"]),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals=ARRIVALS)
def test_whatever_arrives_in_whatever_order_an_external_id_is_one_order_as_it_was_told_last(
    store: Store, team: Team, arrivals: list[tuple[str, str, int, str, str]]
) -> None:
    with store.writing(SYSTEM) as tx:
        for table in ("orders", "order_statuses"):
            tx.run(f"DELETE FROM base.{table}")
    last, steps = {}, {}
    for source, external_id, value, status, email in arrivals:
        with store.writing(team.ana) as tx:
            orders.upsert(
                tx,
                source=source,
                external_id=external_id,
                title="Thing",
                value=value,
                status=status,
                contact={"email": email},
            )
        key = (source, external_id.strip())
        before = steps.setdefault(key, [])
        if not before or before[-1] != status:
            before.append(status)
        last[key] = (value, status, email)
    with store.reading(team.ana) as tx:
        kept = {(row["source"], row["external_id"]): row for row in orders.find(tx, orders.ListQuery()).items}
        assert kept.keys() == last.keys()
        for key, (value, status, email) in last.items():
            row = kept[key]
            assert (row["value"], row["status"], row["contact_name"]) == (value, status, email)
            assert [step.to_status for step in orders.history(tx, row["id"])] == steps[key]
    assert verify(store) == []
