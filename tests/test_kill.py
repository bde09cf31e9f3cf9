"""The product dies without warning, and nothing that somebody was told is done is lost: a short run of the bench."""

from decimal import Decimal
from pathlib import Path

from benchmarks.kill import fields
from benchmarks.kill.__main__ import run
from benchmarks.kill.ledger import ROWS, Ledger
from benchmarks.kill.losses import broken_backups, losses
from crm import contacts, orders
from crm.foundation.access import SYSTEM, Module
from crm.platform import backups, workspace
from crm.store import Store
from tests.people import Team


def said(store: Store, ledger: Ledger) -> list[str]:
    return [loss.text for loss in losses(store, ledger)]


def test_nothing_acknowledged_is_lost_when_the_product_is_killed(tmp_path: Path) -> None:
    assert run(tmp_path / "store", kills=3, seed=7, longest=1.0) == []


def test_the_bench_notices_what_is_lost_and_what_is_there_by_half(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        kept = contacts.create(tx, email="made1@mallard.example", owner_id=None)
        contacts.create(tx, email="import5-0@mallard.example", owner_id=None)
    ledger = Ledger(contacts={kept.id: "made1@mallard.example", 999: "made2@mallard.example"}, imports={3: "import6-"})
    assert said(store, ledger) == [
        "Contact 999 (made2@mallard.example) is gone.",
        f"import5- has 1 of {ROWS} rows.",
        "Import 3 is gone, with 0 rows.",
    ]


def test_the_bench_notices_a_deal_that_is_not_as_told(store: Store) -> None:
    ledger = Ledger(deals={1: (2, 5)})
    assert said(store, ledger) == ["Deal 1 has (version, stage) None; told was (2, 5)."]


def test_the_bench_notices_an_edit_that_is_lost_and_takes_one_without_an_answer_either_way(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        lia = contacts.create(tx, name="Lia", city="Porto")
    assert said(store, Ledger(cities={lia.id: (0, "Recife")}, editing={lia.id: "Porto"})) == []
    assert said(store, Ledger(cities={lia.id: (1, "Porto")}, editing={lia.id: "Recife"})) == []
    assert said(store, Ledger(cities={lia.id: (2, "Recife")})) == [
        f"Contact {lia.id} has (version, city) (1, 'Porto'); told was (2, 'Recife')."
    ]


def test_the_bench_notices_a_change_of_many_that_came_to_some(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        ids = [contacts.create(tx, name="Lia", owner_id=owner).id for owner in (team.ids.ana, team.ids.bob)]
    assert said(store, Ledger(owned=ids[:1], owner=team.ids.ana)) == []
    assert said(store, Ledger(owned=ids[:1], owner=team.ids.bob, new_owner=team.ids.ana)) == []
    (half,) = said(store, Ledger(owned=ids, owner=team.ids.ana, new_owner=team.ids.bob))
    assert half.startswith("2 contacts belong to {")


def test_the_bench_notices_a_merge_that_is_lost(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        stays = contacts.create(tx, name="Twin", email="twin1@mallard.example").id
        goes = contacts.create(tx, name="Twin", identifier="twin1").id
    assert said(store, Ledger(pairs={(stays, goes): False}, merging=(stays, goes))) == []
    assert said(store, Ledger(pairs={(stays, goes): True})) == [f"Contacts {stays} and {goes} are apart."]


def test_the_bench_notices_an_order_that_is_lost_or_doubled_or_has_another_value(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ada) as tx:
        lia = contacts.create(tx, name="Lia").id
        orders.upsert(tx, source="commerce", external_id="kill-1", title="Lamp", value=3, status=None, contact_id=lia)
    assert said(store, Ledger(orders={"kill-1": Decimal(2)}, ordering={"kill-1": Decimal(3)})) == []
    assert said(store, Ledger(orders={"kill-1": Decimal(3), "kill-2": Decimal(4)})) == [
        "Order kill-2 has the values None; told was 4."
    ]


def test_the_bench_notices_a_backup_that_is_gone_or_damaged(store: Store, tmp_path: Path) -> None:
    backups.make(store, SYSTEM)
    assert broken_backups(store, Ledger(), tmp_path / "aside") == []
    damaged = backups.make(store, SYSTEM)
    (damaged / "crm.duckdb").write_bytes((damaged / "crm.duckdb").read_bytes()[:100_000])
    gone, broken = broken_backups(store, Ledger(backups=["20260101T000000000000-backup"]), tmp_path / "aside")
    assert gone.text == "Backup 20260101T000000000000-backup is gone."
    assert broken.text.startswith(f"Backup {damaged.name}: it cannot be opened")


def test_a_store_is_whole_when_the_product_is_killed_while_fields_are_changed(tmp_path: Path) -> None:
    said: list[str] = []
    assert fields.run(tmp_path / "store", kills=2, seed=3, longest=0.6, say=said.append) == []
    assert len(said) == 2
