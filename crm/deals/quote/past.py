"""The lines that a deal had at a past moment: those of now, from which each change that the log holds is taken back."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from crm.deals.quote.lines import DiscountKind
from crm.store import Reading


class PastLine(BaseModel, frozen=True):
    """A line as it was. Of one that was removed before the log kept more of it, quantity, price and discount are None:
    its name and total are known."""

    id: int
    name: str
    sku: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    discount_kind: DiscountKind | None = None
    discount: Decimal | None = None
    total: Decimal


_SHOWN = tuple(PastLine.model_fields)


def lines_as_of(tx: Reading, deal_id: int, moment: datetime, value: Decimal | None) -> tuple[PastLine, ...] | None:
    """The lines of a deal at a moment, in the order of then; `value` is what the deal was worth. None where the log
    does not tell: the lines that it leads to are not worth that. The caller has found the deal."""
    events = tx.rows(
        """
        SELECT name, happened_at > $moment AS is_later, particulars AS payload
        FROM base.events
        WHERE subject_kind = 'deal' AND subject_id = $id AND starts_with(name, 'line.')
        ORDER BY seq
        """,
        id=deal_id,
        moment=moment,
    )
    told = [(event["name"], event["is_later"], json.loads(event["payload"])) for event in events]
    now = tx.rows(
        f"SELECT {', '.join(_SHOWN)} FROM base.deal_lines WHERE deal_id = $id AND created_at <= $moment",
        id=deal_id,
        moment=moment,
    )
    held = _taken_back({line["id"]: line for line in now}, [(name, payload) for name, later, payload in told if later])
    order: list[int] = next(
        (payload["order"] for name, later, payload in reversed(told) if name == "line.reordered" and not later), []
    )
    # Each line is added below the others.
    places = {line_id: place for place, line_id in enumerate(order)}
    found = tuple(
        PastLine(**held[line_id]) for line_id in sorted(held, key=lambda each: (places.get(each, len(order)), each))
    )
    return None if found and sum(line.total for line in found) != value else found


def _taken_back(
    held: dict[int, dict[str, Any]], later: Sequence[tuple[str, dict[str, Any]]]
) -> dict[int, dict[str, Any]]:
    """The lines before events, given oldest first."""
    for name, payload in reversed(later):
        line_id = payload.get("line_id")
        match name:
            case "line.added":
                held.pop(line_id, None)
            case "line.removed":
                held[line_id] = {"id": line_id, "name": payload["line_name"], **_of(payload)}
            case "line.changed" if line_id in held:
                held[line_id] |= _of({field: before for field, (before, _) in payload["changes"].items()})
    return held


def _of(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in _SHOWN if name in fields}
