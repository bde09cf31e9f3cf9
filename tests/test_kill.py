"""The product dies without warning, and nothing that somebody was told is done is lost: a short run of the bench."""

from pathlib import Path

from benchmarks.kill import ROWS, Ledger, losses, run
from crm import contacts
from crm.access import SYSTEM
from crm.store import Store


def test_nothing_acknowledged_is_lost_when_the_product_is_killed(tmp_path: Path) -> None:
    assert run(tmp_path / "store", kills=3, seed=7, longest=1.5) == []


def test_the_bench_notices_what_is_lost_and_what_is_there_by_half(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        kept = contacts.create(tx, email="made1@mallard.example", owner_id=None)
        contacts.create(tx, email="import5-0@mallard.example", owner_id=None)
    ledger = Ledger(contacts={kept.id: "made1@mallard.example", 999: "made2@mallard.example"}, imports={3: "import6-"})
    assert losses(store, ledger) == [
        "Contact 999 (made2@mallard.example) is gone.",
        f"import5- has 1 of {ROWS} rows.",
        "Import 3 is gone, with 0 rows.",
    ]


def test_the_bench_notices_a_deal_that_is_not_as_told(store: Store) -> None:
    ledger = Ledger(deals={1: (2, 5)})
    assert losses(store, ledger) == ["Deal 1 has (version, stage) None; told was (2, 5)."]
