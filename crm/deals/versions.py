"""What a deal was worth, when it was expected and whose it was, over time: one row a change, never altered.

Every path that changes one of these notes it in its own transaction; `crm verify` compares the last version of each
deal with the deal. Forecasts of the past, pushed dates and the last touch are read from it.
"""

from crm.deals.model import Deal
from crm.store import Writing

SEEN = "value, currency, expected_close, owner_id, has_contact"


def note(tx: Writing, deal: Deal) -> None:
    """The deal as it now is."""
    tx.run(
        f"""
        INSERT INTO base.deal_versions (deal_id, {SEEN}, happened_at, by_id, door)
        VALUES ($id, $value, $currency, $expected_close, $owner_id, $has_contact, $now, $by, $door)
        """,
        **deal.model_dump(include={"id", "value", "currency", "expected_close", "owner_id"}),
        has_contact=deal.contact_id is not None,
        now=tx.now,
        by=tx.actor.id,
        door=tx.actor.door.value,
    )


def note_change(tx: Writing, before: Deal, after: Deal) -> None:
    """The deal as it now is, where that makes a version."""
    if _seen(before) != _seen(after):
        note(tx, after)


def note_each(tx: Writing, ids: str, **params: object) -> int:
    """After a change of many: a version of each deal that is another than its last version says; how many. `ids` is a
    query of deals. A deal's first version is of the moment it opened, which an import may set in the past.

    Reads `everything.deals`: whoever may change deals of others notes it of them too.
    """
    return tx.run(
        f"""
        INSERT INTO base.deal_versions (deal_id, {SEEN}, happened_at, by_id, door)
        WITH
        changed AS (
            SELECT
                id,
                value,
                currency,
                expected_close,
                owner_id,
                contact_id IS NOT NULL AS has_contact,
                created_at
            FROM everything.deals
            WHERE id IN ({ids})
        ),
        last AS (
            SELECT deal_id, arg_max(({SEEN}), id) AS seen
            FROM base.deal_versions
            WHERE deal_id IN ({ids})
            GROUP BY deal_id
        )
        SELECT
            changed.id,
            {SEEN},
            CASE WHEN last.deal_id IS NULL THEN changed.created_at ELSE $noted_at END,
            $noted_by,
            $noted_through
        FROM changed
        LEFT JOIN last ON last.deal_id = changed.id
        WHERE last.seen IS DISTINCT FROM ({SEEN})
        ORDER BY changed.id
        """,
        **params,
        noted_at=tx.now,
        noted_by=tx.actor.id,
        noted_through=tx.actor.door.value,
    )


def _seen(deal: Deal) -> tuple[object, ...]:
    return (deal.value, deal.currency, deal.expected_close, deal.owner_id, deal.contact_id is None)
