"""What was acknowledged and is not there, and what is there by half."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from benchmarks.kill.ledger import ROWS, SOURCE, Ledger, Loss
from crm.foundation.access import SYSTEM
from crm.platform import backups
from crm.store import Reading, Row, Store
from crm.verify import verify

T = TypeVar("T")


def losses(store: Store, ledger: Ledger) -> list[Loss]:
    """Each as a sentence. The ledger is then brought to what the store says, for the next life."""
    checks: dict[str, Callable[[Reading, Ledger], Iterator[str]]] = {
        "moves": _lost_moves,
        "edits": _lost_edits,
        "contacts": _lost_contacts,
        "imports": _broken_imports,
        "bulk changes": _broken_bulk_changes,
        "merges": _broken_merges,
        "orders": _lost_orders,
    }
    with store.reading(SYSTEM) as tx:
        found = [Loss(kind, said) for kind, check in checks.items() for said in check(tx, ledger)]
    ledger.forget_doubts()
    return found


def _lost_moves(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows("SELECT id, version, stage_id AS field FROM deals WHERE id = ANY($ids)", ids=list(ledger.deals))
    return _lost_changes("Deal {} has (version, stage)", rows, ledger.deals, ledger.moving)


def _lost_edits(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows("SELECT id, version, city AS field FROM contacts WHERE id = ANY($ids)", ids=list(ledger.cities))
    return _lost_changes("Contact {} has (version, city)", rows, ledger.cities, ledger.editing)


def _lost_changes(what: str, rows: list[Row], told: dict[int, tuple[int, T]], asked: Mapping[int, T]) -> Iterator[str]:
    """Records that are neither as they were acknowledged nor one version further, as was asked without an answer."""
    there = {row["id"]: (row["version"], row["field"]) for row in rows}
    for number, acknowledged in told.items():
        further = [(acknowledged[0] + 1, asked[number])] if number in asked else []
        if there.get(number) not in [acknowledged, *further]:
            yield f"{what.format(number)} {there.get(number)}; told was {acknowledged}."
    told.update(there)


def _lost_contacts(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows("SELECT id, email FROM contacts WHERE email LIKE 'made%@mallard.example'")
    there = {row["id"]: row["email"] for row in rows}
    for number, email in ledger.contacts.items():
        if there.get(number) != email:
            yield f"Contact {number} ({email}) is gone."


def _broken_imports(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows(
        """
        SELECT split_part(email, '-', 1) || '-' AS begins, count(*) AS count
        FROM contacts
        WHERE email LIKE 'import%@mallard.example'
        GROUP BY ALL
        """
    )
    counts = {row["begins"]: row["count"] for row in rows}
    states = {row["id"]: row["state"] for row in tx.rows("SELECT id, state FROM imports")}
    for begins, count in counts.items():
        if count != ROWS:
            yield f"{begins} has {count} of {ROWS} rows."
    for number, begins in ledger.imports.items():
        state, told_done = states.get(number), number in ledger.imports_done
        if state is None or (state == "done") != (begins in counts) or (told_done and state != "done"):
            yield f"Import {number} is {state or 'gone'}, with {counts.get(begins, 0)} rows."


def _broken_bulk_changes(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows("SELECT DISTINCT owner_id FROM contacts WHERE id = ANY($ids)", ids=ledger.owned)
    owners = {row["owner_id"] for row in rows}
    if ledger.owner is not None and owners not in ({ledger.owner}, {ledger.new_owner}):
        yield f"{len(ledger.owned)} contacts belong to {owners}; told was {ledger.owner}."
    if len(owners) == 1:
        (ledger.owner,) = owners


def _broken_merges(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows("SELECT id, identifier FROM contacts WHERE name = 'Twin'")
    there = {row["id"]: row["identifier"] for row in rows}
    for (stays, goes), told in ledger.pairs.items():
        apart = stays in there and goes in there and there[stays] is None
        merged = stays in there and goes not in there and there[stays] is not None
        as_told = merged if told else apart
        if not as_told and not (ledger.merging == (stays, goes) and merged):
            yield f"Contacts {stays} and {goes} are {'merged' if merged else 'apart' if apart else 'broken'}."
        ledger.pairs[stays, goes] = merged


def _lost_orders(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows(
        "SELECT external_id, list(value) AS worth FROM orders WHERE source = $source GROUP BY ALL", source=SOURCE
    )
    there = {row["external_id"]: row["worth"] for row in rows}
    for number in {*ledger.orders, *there}:
        told, asked = ledger.orders.get(number), ledger.ordering.get(number)
        if there.get(number) not in ([told], [asked]):
            yield f"Order {number} has the values {there.get(number)}; told was {told}."
    ledger.orders.update({number: values[0] for number, values in there.items()})


def broken_backups(store: Store, ledger: Ledger, aside: Path) -> list[Loss]:
    """Of those that are offered, and of those that somebody was told of; looked into aside, then dropped."""
    with store.reading(SYSTEM) as tx:
        offered = [backup.name for backup in backups.listed(tx, store)]
    found = [f"Backup {name} is gone." for name in ledger.backups if name not in offered]
    for name in offered:
        folder = store.folder / backups.FOLDER / name
        found += [f"Backup {name}: {fault}" for fault in _faults_of(folder, aside)]
    backups.drop(store, SYSTEM, offered)
    ledger.backups.clear()
    return [Loss("backups", said) for said in found]


def _faults_of(folder: Path, aside: Path) -> list[str]:
    shutil.copytree(folder, aside)
    try:
        opened = Store(aside)
    except Exception as refusal:
        return [f"it cannot be opened: {refusal}"]
    else:
        faults = verify(opened)
        opened.close()
        return faults
    finally:
        shutil.rmtree(aside)
