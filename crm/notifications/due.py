"""What is due today: deals that are expected to close, and checklist items."""

from datetime import date
from urllib.parse import urlencode

from crm.foundation import money
from crm.foundation.language import listed, plural, tr
from crm.notifications.morning import NAMED, Found, Item
from crm.records import filters
from crm.records.filters import Rule
from crm.store import Reading, Row


def concerned(tx: Reading, today: date) -> set[int]:
    """The users it may concern, without regard to privacy; what each may see is read as that user."""
    rows = tx.rows(
        """
        SELECT deal.owner_id AS user_id
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        WHERE deal.expected_close = $today AND stage.kind = 'open' AND deal.owner_id IS NOT NULL
        UNION
        SELECT coalesce(item.assignee_id, deal.owner_id)
        FROM base.checklist_items AS item
        JOIN base.deals AS deal ON deal.id = item.deal_id
        WHERE item.due_on = $today AND item.done_at IS NULL AND coalesce(item.assignee_id, deal.owner_id) IS NOT NULL
        """,
        today=today,
    )
    return {row["user_id"] for row in rows}


def of_actor(tx: Reading) -> Found:
    """The actor's deals, then checklist items assigned to them, or to nobody on a deal of theirs."""
    closing, to_do = _closing(tx), _to_do(tx)
    # Each row carries the total beyond the limit, which spares a second query.
    deals, items = (rows[0]["many"] if rows else 0 for rows in (closing, to_do))
    locale = tx.actor.language
    named = [*(_as_closing(row, locale) for row in closing), *(_as_to_do(row) for row in to_do)]
    parts = [
        plural("{count:,} deal to close", "{count:,} deals to close", deals) if deals else "",
        plural("{count:,} thing to do", "{count:,} things to do", items) if items else "",
    ]
    return Found(
        many=deals + items,
        items=tuple(named[:NAMED]),
        sentence=tr("Due today: {what}.", what=listed([part for part in parts if part])),
        link=_address(tx) if deals else f"/pipeline?owner={tx.actor.id}",
    )


def _closing(tx: Reading) -> list[Row]:
    return tx.rows(
        """
        SELECT id, title, value, currency, count(*) OVER () AS many
        FROM deals
        WHERE owner_id = $me AND status = 'open' AND expected_close = $today
        ORDER BY value DESC NULLS LAST, id
        LIMIT $named
        """,
        me=tx.actor.id,
        today=tx.today,
        named=NAMED,
    )


def _to_do(tx: Reading) -> list[Row]:
    return tx.rows(
        """
        SELECT item.text, deal.id, deal.title, count(*) OVER () AS many
        FROM checklist_items AS item
        JOIN deals AS deal ON deal.id = item.deal_id
        WHERE item.due_on = $today AND item.done_at IS NULL AND coalesce(item.assignee_id, deal.owner_id) = $me
        ORDER BY deal.id, item.position, item.id
        LIMIT $named
        """,
        me=tx.actor.id,
        today=tx.today,
        named=NAMED,
    )


def _as_closing(row: Row, locale: str) -> Item:
    worth = "" if row["value"] is None else f", {money.shown(row['value'], row['currency'], locale)}"
    return Item(
        row["id"],
        tr("“{title}” is expected to close today.", title=row["title"]),
        tr("“{title}” should close", title=row["title"]) + worth,
    )


def _as_to_do(row: Row) -> Item:
    what = row["text"] if len(row["text"]) <= 100 else f"{row['text'][:99]}…"
    return Item(
        row["id"],
        tr("To do today: “{what}”, of “{title}”.", what=what, title=row["title"]),
        tr("“{what}”, of “{title}”", what=what, title=row["title"]),
    )


def _address(tx: Reading) -> str:
    """The link to the board of their deals that close on this day."""
    closing = filters.dump(Rule(field="expected_close", op="is", value=tx.today.isoformat()))
    return "/pipeline?" + urlencode({"owner": tx.actor.id, "filter": closing})
