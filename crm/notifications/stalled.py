"""Stalled deals: each is notified once, and again only after it was no longer stalled in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import polars as pl

from crm.deals import health
from crm.foundation import money
from crm.foundation.language import plural, tr
from crm.notifications.morning import NAMED, Found, Item
from crm.records import filters
from crm.records.filters import Rule
from crm.store import Reading, Row, Writing


@dataclass(frozen=True)
class Standstill:
    """All stalled deals, and {owner: {deal: idle days}} of those not yet notified."""

    ids: Sequence[int]
    fresh: Mapping[int, Mapping[int, int]]


def find(tx: Reading) -> Standstill:
    """All stalled deals, without regard to privacy; what each owner may see is read as that user."""
    rows = tx.rows(
        f"""
        SELECT scored.id, deal.owner_id, scored.idle_days, told.deal_id IS NULL AS fresh
        FROM ({health.scored(health.parameters(tx), tx.now, health.OPEN_NOW)}) AS scored
        JOIN base.deals AS deal ON deal.id = scored.id
        LEFT JOIN base.stalls_told AS told ON told.deal_id = scored.id
        WHERE scored.status = 'stalled'
        ORDER BY scored.id
        """
    )
    fresh: dict[int, dict[int, int]] = {}
    for row in rows:
        if row["fresh"] and row["owner_id"] is not None:
            fresh.setdefault(row["owner_id"], {})[row["id"]] = row["idle_days"]
    return Standstill([row["id"] for row in rows], fresh)


def of_actor(tx: Reading, idle_days: Mapping[int, int]) -> Found:
    """The stalled deals among these that the actor owns and sees."""
    deals = tx.rows(
        """
        SELECT id, title, value, currency, count(*) OVER () AS many
        FROM deals
        WHERE owner_id = $me AND status = 'open' AND id IN (SELECT unnest($ids::BIGINT[]))
        ORDER BY value DESC NULLS LAST, id
        LIMIT $named
        """,
        me=tx.actor.id,
        ids=list(idle_days),
        named=NAMED,
    )
    many = deals[0]["many"] if deals else 0
    locale = tx.actor.language
    return Found(
        many=many,
        items=tuple(_item(row, idle_days[row["id"]], locale) for row in deals),
        sentence=tr(
            "{count:,} deals of yours stalled: nobody has touched them for longer than their stage allows.", count=many
        ),
        link=_address(tx),
    )


def mark_notified(tx: Writing, found: Standstill) -> None:
    """Record these deals as notified, and forget the others."""
    now = pl.DataFrame({"deal_id": found.ids}, schema={"deal_id": pl.Int64})
    # No longer stalled: each is notified again when it stalls again.
    tx.insert_frame(now, "DELETE FROM base.stalls_told WHERE deal_id NOT IN (SELECT deal_id FROM frame)")
    tx.insert_frame(
        now,
        """
        INSERT INTO base.stalls_told
        SELECT deal_id, $now FROM frame WHERE deal_id NOT IN (SELECT deal_id FROM base.stalls_told)
        """,
        now=tx.now,
    )


def _item(row: Row, days: int, locale: str) -> Item:
    worth = "" if row["value"] is None else f", {money.shown(row['value'], row['currency'], locale)}"
    return Item(
        row["id"],
        plural(
            "“{title}” stalled: nobody has touched it for {count:,} day.",
            "“{title}” stalled: nobody has touched it for {count:,} days.",
            days,
            title=row["title"],
        ),
        f"“{row['title']}”{worth}, " + plural("untouched for {count:,} day", "untouched for {count:,} days", days),
    )


def _address(tx: Reading) -> str:
    """The link to the board of their stalled deals."""
    rule = filters.dump(Rule(field="health", op="is", value="stalled"))
    return "/pipeline?" + urlencode({"owner": tx.actor.id, "filter": rule})
