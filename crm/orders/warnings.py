"""Warnings about contradictions of an order's status and dates. They are shown and refuse nothing: a shop may refund
what was never paid here, and it knows better than we do."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from crm.foundation.language import tr
from crm.orders.statuses import STATUS_NAMES
from crm.store import Reading, Row

RECEIVED = frozenset({"paid", "partially_paid"})
"""Statuses in which money has come in."""
ENDED = frozenset({"refunded", "cancelled", "failed"})
"""Statuses after which nothing more is expected."""


def warnings_of(tx: Reading, rows: Sequence[Row]) -> dict[int, list[str]]:
    """{order id: its warnings} of orders that the caller found through the visible view."""
    steps: dict[int, list[str]] = {row["id"]: [] for row in rows}
    # A change of status raises the version: an order in its first has had no other.
    changed = [row["id"] for row in rows if row["version"] > 1]
    for step in _steps(tx, changed) if changed else ():
        steps[step["order_id"]].append(step["to_status"])
    return {row["id"]: warnings(row, steps[row["id"]], tx.today) for row in rows}


def _steps(tx: Reading, ids: list[int]) -> list[Row]:
    return tx.rows(
        """
        SELECT order_id, to_status
        FROM base.order_statuses
        WHERE order_id IN (SELECT unnest($ids::BIGINT[]))
        ORDER BY id
        """,
        ids=ids,
    )


def warnings(order: Mapping[str, Any], steps: Sequence[str], today: date) -> list[str]:
    """A sentence for each contradiction. `steps` are the statuses that the order was in, oldest first, the
    current one included."""
    return [*_about_days(order, today), *_about_steps(order, steps)]


def _about_days(order: Mapping[str, Any], today: date) -> list[str]:
    found = []
    status, ordered_on, paid_on = order["status"], order["ordered_on"], order["paid_on"]
    if ordered_on > today:
        found.append(tr("The order date, {day}, lies in the future.", day=ordered_on.isoformat()))
    if paid_on is not None and paid_on > today:
        found.append(tr("The paid date, {day}, lies in the future.", day=paid_on.isoformat()))
    if paid_on is not None and paid_on < ordered_on:
        found.append(tr("It was paid on {day}, before it was ordered.", day=paid_on.isoformat()))
    if paid_on is None and status == "paid":
        found.append(tr("It is paid, but has no paid date."))
    if paid_on is not None and status in ("pending", "overdue", "failed"):
        found.append(tr("It is {status}, but has a paid date.", status=_word(status)))
    return found


def _about_steps(order: Mapping[str, Any], steps: Sequence[str]) -> list[str]:
    status, before = order["status"], list(steps[:-1])
    was_paid = order["paid_on"] is not None or not RECEIVED.isdisjoint(before)
    found = []
    if status == "refunded" and not was_paid:
        found.append(tr("It was refunded before it was paid."))
    if not before:
        return found
    last = before[-1]
    goes_back = last in RECEIVED and status in ("pending", "overdue", "failed")
    if goes_back or (last in ENDED and status != last):
        found.append(tr("It became {status} after it was {before}.", status=_word(status), before=_word(last)))
    return found


def _word(status: str) -> str:
    """The status within a sentence."""
    return tr(STATUS_NAMES[status]).lower()
