"""The bulk operation that puts orders into a status. Each step is in the order's history, as if made by hand; an undo
takes it out again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.orders.statuses import STATUS_NAMES
from crm.records import validation
from crm.records.bulk import Action, Aim, BulkOperation, Change, FeedRow, FieldChange
from crm.records.declaration import RecordType
from crm.store import Reading, Writing

if TYPE_CHECKING:
    from crm.orders.declaration import Order


def at_once(of: "RecordType[Order]") -> Mapping[Action, BulkOperation]:
    words = " ".join(f"WHEN '{status}' THEN '{name}'" for status, name in STATUS_NAMES.items())
    return {
        Action.SET_STATUS: BulkOperation(
            label=later("Set status"),
            icon="published_with_changes",
            done=later("{many} set to **{name}**."),
            feed=FeedRow(
                event="'status_changed'",
                fields={
                    "status": FieldChange("row.was_status", "change.status"),
                    "paid_on": FieldChange("row.was_paid_on", "row.became_paid_on"),
                },
            ),
            already="record.status = $status",
            aim=_status,
            sets="status = $status, paid_on = changing.became_paid_on",
            back="status = row.was_status, paid_on = row.was_paid_on",
            keeps={
                "was_status": "record.status",
                "was_paid_on": "record.paid_on",
                # A day of payment that an order has already is kept: only empty ones are filled.
                "became_paid_on": "coalesce(record.paid_on, $paid_on::DATE)",
            },
            after=_record_steps,
            put_back=_forget_steps,
            becomes_name=f"(CASE change.status {words} END)",
        )
    }


def _status(tx: Reading, of: RecordType[Any], change: Change) -> Aim:
    if change.status is None:
        raise Invalid(tr("Choose a status."), "status")
    if change.on is not None and change.status != "paid":
        raise Invalid(tr("A day can be given for orders that become paid: the one on which they were."), "on")
    paid_on = (change.on or tx.today) if change.status == "paid" else None
    return Aim(None, validation.checked(tx, of, {"status": change.status, "paid_on": paid_on}))


def _record_steps(tx: Writing, of: RecordType[Any], aim: Aim, change_id: int) -> None:
    tx.run(
        """
        INSERT INTO base.order_statuses (order_id, from_status, to_status, happened_at, by_id)
        SELECT id, was_status, $status, $now, $me FROM changing ORDER BY id
        """,
        status=aim.values["status"],
        now=tx.now,
        me=tx.actor.id,
    )


def _forget_steps(tx: Writing, of: RecordType[Any], change_id: int) -> None:
    """Delete the last status step of each order that goes back."""
    # The last one is this change's: an order that something else has touched since does not go back.
    tx.run(
        """
        DELETE FROM base.order_statuses
        WHERE id IN (
            SELECT max(id)
            FROM base.order_statuses
            WHERE order_id IN (SELECT id FROM undoing WHERE left_because IS NULL)
            GROUP BY order_id
        )
        """
    )
