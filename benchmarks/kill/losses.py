"""Finds acknowledged changes that are missing, and changes that are there in part."""

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
    """The losses, each with a sentence. Afterwards the ledger agrees with the store, for the next life."""
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
        found = [Loss(kind, text) for kind, check in checks.items() for text in check(tx, ledger)]
    ledger.forget_doubts()
    return found


def _lost_moves(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows("SELECT id, version, stage_id AS field FROM deals WHERE id = ANY($ids)", ids=list(ledger.deals))
    return _lost_changes("Deal {} has (version, stage)", rows, ledger.deals, ledger.moving)


def _lost_edits(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows("SELECT id, version, city AS field FROM contacts WHERE id = ANY($ids)", ids=list(ledger.cities))
    return _lost_changes("Contact {} has (version, city)", rows, ledger.cities, ledger.editing)


def _lost_changes(
    what: str, rows: list[Row], known: dict[int, tuple[int, T]], requested: Mapping[int, T]
) -> Iterator[str]:
    """Records that are neither as acknowledged nor as requested without an answer."""
    there = {row["id"]: (row["version"], row["field"]) for row in rows}
    for number, acknowledged in known.items():
        # Killed between the commit and the answer, the change is there, one version further, and nobody knows.
        further = [(acknowledged[0] + 1, requested[number])] if number in requested else []
        if there.get(number) not in [acknowledged, *further]:
            yield f"{what.format(number)} {there.get(number)}; told was {acknowledged}."
    known.update(there)


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
        state, acknowledged = states.get(number), number in ledger.imports_done
        if state is None or (state == "done") != (begins in counts) or (acknowledged and state != "done"):
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
    for (stays, goes), acknowledged in ledger.pairs.items():
        # A merge gives the identifier of the one that goes to the one that stays: half a merge is neither state.
        apart = stays in there and goes in there and there[stays] is None
        merged = stays in there and goes not in there and there[stays] is not None
        as_acknowledged = merged if acknowledged else apart
        if not as_acknowledged and not (ledger.merging == (stays, goes) and merged):
            yield f"Contacts {stays} and {goes} are {'merged' if merged else 'apart' if apart else 'broken'}."
        ledger.pairs[stays, goes] = merged


def _lost_orders(tx: Reading, ledger: Ledger) -> Iterator[str]:
    rows = tx.rows(
        "SELECT external_id, list(value) AS worth FROM orders WHERE source = $source GROUP BY ALL", source=SOURCE
    )
    there = {row["external_id"]: row["worth"] for row in rows}
    for number in {*ledger.orders, *there}:
        acknowledged, requested = ledger.orders.get(number), ledger.ordering.get(number)
        if there.get(number) not in ([acknowledged], [requested]):
            yield f"Order {number} has the values {there.get(number)}; told was {acknowledged}."
    ledger.orders.update({number: values[0] for number, values in there.items()})


def broken_backups(store: Store, ledger: Ledger, aside: Path) -> list[Loss]:
    """Losses among the backups that are offered or were acknowledged; each is opened as a copy, then deleted."""
    with store.reading(SYSTEM) as tx:
        offered = [backup.name for backup in backups.listed(tx, store)]
    found = [f"Backup {name} is gone." for name in ledger.backups if name not in offered]
    for name in offered:
        folder = store.folder / backups.FOLDER / name
        found += [f"Backup {name}: {fault}" for fault in _faults_of(folder, aside)]
    backups.drop(store, SYSTEM, offered)
    ledger.backups.clear()
    return [Loss("backups", text) for text in found]


def _faults_of(folder: Path, aside: Path) -> list[str]:
    shutil.copytree(folder, aside)
    try:
        opened = Store(aside)
    # Whatever keeps a backup from being opened is a loss to report, not the end of the bench.
    except Exception as refusal:
        return [f"it cannot be opened: {refusal}"]
    else:
        faults = verify(opened)
        opened.close()
        return faults
    finally:
        shutil.rmtree(aside)
