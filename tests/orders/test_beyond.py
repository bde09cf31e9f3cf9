"""Orders where other parts of the product pass over them: merging, erasing, the bin's end, exports, verify, privacy."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import polars as pl
import pytest

from crm import contacts, deals, exports, orders, worker
from crm.contacts import Contact
from crm.deals import Deal
from crm.foundation import clock
from crm.foundation.access import SYSTEM, Actor, Module, Permission
from crm.foundation.errors import Forbidden, ModuleOff, NotFound
from crm.orders import Order
from crm.platform import workspace
from crm.platform.people import teams
from crm.privacy import erasing, personal_export
from crm.records import feed, merging
from crm.records.filters import Related, Rule
from crm.records.history import history
from crm.records.listing import ListQuery
from crm.reports import order_sheet
from crm.store import Store
from crm.verify import verify
from crm.worker import housekeeping
from tests.people import Team


def test_a_merge_moves_orders_and_taking_it_back_restores_them(
    store: Store, team: Team, lia: Contact, caio: Contact, lamp: Order
) -> None:
    with store.writing(team.marta) as tx:
        his = orders.create(tx, title="Desk", contact_id=caio.id, value=10)
        assert merging.preview(tx, "contact", caio.id, lia.id).moves["orders"] == 1
        merging.merge(tx, "contact", caio.id, lia.id)
        assert orders.of(tx, "contact", caio.id).count == 2
        moved = orders.get(tx, lamp.id)
        assert (moved.contact_id, moved.version) == (caio.id, lamp.version + 1)
        told = history(tx, "order", lamp.id)[0]
        assert (told.name, told.payload["changes"]["contact_name"]) == ("order.changed", ["Lia Prado", "Caio Lima"])
    with store.writing(team.marta) as tx:
        merging.unmerge(tx, "contact", merging.merges_into(tx, "contact", caio.id)[0].id)
        assert orders.get(tx, lamp.id).contact_id == lia.id
        assert orders.get(tx, his.id).contact_id == caio.id
    assert verify(store) == []


def test_an_erased_persons_orders_go_on_without_them(
    store: Store, team: Team, lia: Contact, caio: Contact, lamp: Order
) -> None:
    with store.writing(team.ana) as tx:
        orders.edit(tx, lamp.id, note="Leave it with the neighbour in flat 4", title="Lamp for Lia Prado")
        orders.set_status(tx, lamp.id, "paid")
    with store.writing(team.ada) as tx:
        preview = erasing.preview(tx, lia.id)
        assert preview.unlinked["orders"] == 1
        erasing.begin(tx, lia.id, sure="ERASE")
    while worker.work_one(store):
        pass
    with store.reading(team.marta) as tx:
        left = orders.get(tx, lamp.id)
        assert (left.contact_id, left.contact_name, left.note) == (None, None, None)
        assert (left.title, left.value, left.status) == ("Lamp for [erased]", 250, "paid")
        assert orders.totals(tx, ListQuery())[0].value == 250, "the sums of past months stay true"
        assert "neighbour" not in json.dumps([event.payload for event in history(tx, "order", lamp.id)])
        assert len(orders.history(tx, lamp.id)) == 2
    assert verify(store) == []


def test_a_persons_export_holds_their_orders(store: Store, team: Team, lia: Contact, lamp: Order) -> None:
    target = io.BytesIO()
    personal_export.write(store, team.ada, lia.id, target)
    with zipfile.ZipFile(target) as archive:
        (held,) = json.loads(archive.read("orders.json"))
    assert (held["title"], held["external_id"], held["statuses"][0]["status"]) == ("Lamp", "A-1", "pending")


def test_when_the_bin_is_emptied_orders_go_with_their_history_and_outlive_their_contact(
    store: Store, team: Team, lia: Contact, lamp: Order, chairs: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.ana) as tx:
        gone = orders.create(tx, title="Gone", contact_id=lia.id, value=1)
        orders.edit(tx, lamp.id, deal_id=chairs.id)
        orders.delete(tx, gone.id)
        contacts.delete(tx, lia.id)
        deals.delete(tx, chairs.id)
    began = clock.now
    monkeypatch.setattr(clock, "now", lambda: began() + timedelta(days=31))
    housekeeping.run(store, 1)
    with store.reading(team.marta) as tx:
        left = orders.get(tx, lamp.id)
        assert (left.contact_id, left.deal_id) == (None, None)
        assert tx.value("SELECT count(*) FROM base.orders") == 1
        assert tx.value("SELECT count(*) FROM base.order_statuses") == 1
    assert verify(store) == []


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("UPDATE base.orders SET contact_id = 999", "contact_id not held by contacts"),
        ("UPDATE base.orders SET deal_id = 999", "deal_id not held by deals"),
        ("DELETE FROM base.orders", "order_id not held by orders"),
        ("UPDATE base.orders SET status = 'paid'", "an order in another status than its history says"),
        ("UPDATE base.orders SET external_key = 'api:A-1'", "an order whose external id and key disagree"),
        ("UPDATE base.orders SET deleted_at = now()", "a record in the bin that still holds a key"),
    ],
)
def test_verify_finds_what_is_wrong_with_orders(store: Store, lamp: Order, broken: str, says: str) -> None:
    assert verify(store) == []
    with store.writing(SYSTEM) as tx:
        tx.run(broken)
    assert any(says in problem for problem in verify(store))


# -------------------------------------------------------------------------------------------- exports


def test_an_export_holds_the_list_as_it_is_filtered_with_cells_defused(
    store: Store, team: Team, lia: Contact, lamp: Order
) -> None:
    with store.writing(team.ana) as tx:
        orders.create(tx, title="=cmd()", contact_id=lia.id, value="12.5", currency="USD", status="paid")
    with store.reading(team.ana) as tx:
        text = exports.export(tx, "orders", "csv", ListQuery(sort="value")).decode("utf-8-sig")
        paid = exports.export(tx, "orders", "parquet", ListQuery(Rule(field="status", op="is", value="paid")))
        book = exports.export(tx, "orders", "xlsx", ListQuery())
    whole = list(csv.reader(text.splitlines()))
    assert whole[0][:6] == ["External id", "Source", "Title", "Contact", "Deal", "Value"]
    assert whole[1][2:4] == ["'=cmd()", "lia@example.com"]
    assert whole[2][:3] == ["A-1", "commerce", "Lamp"]
    assert pl.read_parquet(io.BytesIO(paid))["Title"].to_list() == ["=cmd()"]
    assert zipfile.is_zipfile(io.BytesIO(book))


def test_the_chart_is_a_file_too(store: Store, team: Team, lia: Contact, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        orders.create(tx, title="Tea", contact_id=lia.id, value=3, currency="USD")
    with store.reading(team.ana) as tx:
        rows = order_sheet.sheet(tx, {}).decode("utf-8-sig").splitlines()
        narrowed = order_sheet.sheet(tx, {"q": "tea"}).decode("utf-8-sig").splitlines()
    assert rows[0] == "month,currency,status,orders,value"
    assert sorted(row.split(",")[1] for row in rows[1:]) == ["BRL", "USD"]
    assert len(narrowed) == 2
    with store.reading(team.vera) as tx, pytest.raises(Forbidden):
        order_sheet.sheet(tx, {})


# -------------------------------------------------------------------------------------------- privacy


@pytest.fixture
def known(store: Store, team: Team, caio: Contact) -> Order:
    with store.writing(team.bob) as tx:
        return orders.create(tx, title="Desk", contact_id=caio.id, value=70, status="paid")


@pytest.mark.usefixtures("private")
def test_every_way_out_shows_the_same_orders(store: Store, team: Team, lamp: Order, known: Order) -> None:
    """Ana and Bob see their own, Marta and Rui all, Vera none: counts, totals, search, filters, exports, figures."""
    for actor, seen in ((team.ana, {lamp.id}), (team.bob, {known.id}), (team.marta, {lamp.id, known.id}),
                        (team.rui, {lamp.id, known.id}), (team.vera, set())):  # fmt: skip
        with store.reading(actor) as tx:
            assert {row["id"] for row in orders.find(tx, ListQuery()).items} == seen
            assert orders.count(tx, ListQuery(search="a")) + orders.count(tx, ListQuery(search="desk")) >= len(seen)
            assert sum(total.count for total in orders.totals(tx, ListQuery())) == len(seen)
            assert sum(bar.count for bar in orders.overview(tx, ListQuery()).bars) == len(seen)
            assert tx.value("SELECT count(*) FROM order_statuses") == len(seen)
            for order in (lamp, known):
                figures = orders.figures(tx, orders.of(tx, "contact", order.contact_id or 0))
                assert bool(figures) == (order.id in seen)
                assert orders.of(tx, "contact", order.contact_id or 0).count == (order.id in seen)
            asked = ListQuery(Related(relation="orders", of=(Rule(field="title", op="is_not_empty"),)))
            assert contacts.count(tx, asked) == len(seen)
            if actor.may(Permission.EXPORT):
                lines = exports.export(tx, "orders", "csv", ListQuery()).decode().splitlines()
                assert len(lines) == 1 + len(seen)


@pytest.mark.usefixtures("private")
def test_an_order_is_seen_by_whose_team_its_contact_or_deal_is(
    store: Store, team: Team, lamp: Order, known: Order, lia: Contact, chairs: Deal
) -> None:
    with store.writing(team.ada) as tx:
        west = teams.create(tx, "West")
        teams.change(tx, west.id, member_ids=[team.ids.bob])
        contacts.edit(tx, lia.id, team_id=west.id)
        orders.edit(tx, known.id, deal_id=chairs.id)
    with store.reading(team.bob) as tx:
        assert orders.count(tx, ListQuery()) == 2, "Lia is his team's"
    with store.reading(team.ana) as tx:
        assert orders.count(tx, ListQuery()) == 2, "the deal is hers"


@pytest.fixture
def beside(store: Store, team: Team, known: Order, chairs: Deal) -> Order:
    """Bob's customer's order, of a deal of Ana's."""
    with store.writing(team.marta) as tx:
        return orders.edit(tx, known.id, deal_id=chairs.id)


def deal_ids(store: Store, actor: Actor, order: Order) -> set[int | None]:
    """As each way of reading the order says."""
    with store.reading(actor) as tx:
        (listed,) = orders.find(tx, ListQuery()).items
        (related,) = orders.of(tx, "contact", order.contact_id or 0).rows
        return {orders.get(tx, order.id).deal_id, listed["deal_id"], related["deal_id"]}


@pytest.mark.usefixtures("private")
def test_an_order_does_not_say_which_deal_that_is_not_ones_to_see(
    store: Store, team: Team, beside: Order, chairs: Deal
) -> None:
    assert deal_ids(store, team.bob, beside) == {None}
    assert deal_ids(store, team.marta, beside) == {chairs.id}
    with store.writing(team.ana) as tx:
        deals.delete(tx, chairs.id)
    assert deal_ids(store, team.bob, beside) == {None}
    assert deal_ids(store, team.marta, beside) == {chairs.id}, "it waits in the bin, for her to see"


@pytest.mark.usefixtures("private")
def test_an_edit_by_somebody_who_may_not_see_the_deal_leaves_the_link_as_it_is(
    store: Store, team: Team, beside: Order, chairs: Deal
) -> None:
    with store.writing(team.bob) as tx:
        assert orders.edit(tx, beside.id, title="Large desk", deal_id=None).deal_id is None
        assert orders.set_status(tx, beside.id, "refunded").deal_id is None
        told = history(tx, "order", beside.id)
    assert [list(event.payload["changes"]) for event in told[:2]] == [["status"], ["title"]]
    assert deal_ids(store, team.marta, beside) == {chairs.id}


@pytest.mark.usefixtures("private")
def test_the_log_says_which_deal_an_order_had_before_it_got_another(
    store: Store, team: Team, beside: Order, chairs: Deal
) -> None:
    with store.writing(team.bob) as tx:
        own = deals.create(tx, title="Tables", pipeline_id=chairs.pipeline_id)
        assert orders.edit(tx, beside.id, deal_id=own.id).deal_title == "Tables"
    assert deal_ids(store, team.bob, beside) == {own.id}
    with store.reading(team.marta) as tx:
        assert history(tx, "order", beside.id)[0].payload["changes"]["deal_id"] == [chairs.id, own.id]
    with store.reading(team.bob) as tx:
        assert history(tx, "order", beside.id)[0].payload["changes"]["deal_id"] == [None, own.id]


@pytest.mark.usefixtures("private")
def test_neither_history_nor_feed_says_which_deal_that_is_not_ones_to_see(
    store: Store, team: Team, beside: Order, chairs: Deal
) -> None:
    with store.writing(team.marta) as tx:
        made = orders.create(tx, title="Lamp", contact_id=beside.contact_id, deal_id=chairs.id, value=10)

    def deal_ids_told(actor: Actor) -> list[object]:
        with store.reading(actor) as tx:
            rows = [one for one in feed.changes(tx, kinds={"order"}) if one.id in (beside.id, made.id)]
            events = [*history(tx, "order", beside.id), *history(tx, "order", made.id)]
        sides = [
            side for one in rows for side in (one.before, one.after, one.payload, one.payload.get("changes")) if side
        ]
        sides += [side for one in events for side in (one.payload, one.payload.get("changes")) if side]
        return [side["deal_id"] for side in sides if "deal_id" in side]

    assert chairs.id in deal_ids_told(team.marta)
    hidden = deal_ids_told(team.bob)
    assert hidden
    assert all(told in (None, [None, None]) for told in hidden)


@pytest.mark.usefixtures("private")
def test_the_bin_shows_a_deleted_order_to_those_who_saw_it(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ana) as tx:
        orders.delete(tx, lamp.id)
    with store.writing(team.bob) as tx, pytest.raises(NotFound):
        orders.restore(tx, lamp.id)
    with store.writing(team.ana) as tx:
        assert orders.restore(tx, lamp.id).id == lamp.id


def test_an_export_while_the_module_is_off_is_refused(store: Store, team: Team, lamp: Order) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    with store.reading(team.ana) as tx, pytest.raises(ModuleOff):
        exports.export(tx, "orders", "csv", ListQuery())
