"""What a deal was worth, when it was expected and whose it was, over time: one row a change, never altered.

Every path that changes one of these notes it in its own transaction; `crm verify` compares the last version of each
deal with the deal. Forecasts of the past, pushed dates and the last touch are read from it. `happened_at` says from
when a version is true, `known_at` from when the product knew it.
"""

from crm.deals.record import Deal
from crm.store import Writing

SEEN = "value, currency, expected_close, owner_id, team_id, has_contact"


def note(tx: Writing, deal: Deal) -> None:
    """The deal as it now is."""
    tx.run(
        f"""
        INSERT INTO base.deal_versions (deal_id, {SEEN}, happened_at, known_at, by_id, door)
        SELECT
            $id,
            $value,
            $currency,
            $expected_close,
            $owner_id,
            $team_id,
            $has_contact,
            moment,
            moment,
            $by,
            $door
        FROM (
            SELECT greatest($now, max(happened_at)) AS moment  -- not before the last, though a clock was set back
            FROM base.deal_versions
            WHERE deal_id = $id
        )
        """,
        **deal.model_dump(include={"id", "value", "currency", "expected_close", "owner_id", "team_id"}),
        has_contact=deal.contact_id is not None,
        now=tx.now,
        by=tx.actor.id,
        door=tx.actor.source.value,
    )


def note_change(tx: Writing, before: Deal, after: Deal) -> None:
    """The deal as it now is, where that makes a version."""
    if _seen(before) != _seen(after):
        note(tx, after)


def change_of(before: Deal, after: Deal) -> str:
    """The name of the event: another value or currency of a deal that has closed is a correction. The closing keeps the
    value that it had, and so do the reports; whoever wants another one counted opens the deal again and closes it anew.
    """
    worth = (before.value, before.currency) != (after.value, after.currency)
    return "deal.corrected" if worth and not before.is_open else "deal.changed"


def note_each(tx: Writing, ids: str, **params: object) -> int:
    """After a change of many: a version of each deal that is another than its last version says; how many. `ids` is a
    query of deals.

    Reads `everything.deals`: whoever may change deals of others notes it of them too.
    """
    return tx.run(
        f"""
        INSERT INTO base.deal_versions (deal_id, {SEEN}, happened_at, known_at, by_id, door)
        WITH
        changed AS (
            {_as_they_are(ids)}
        ),
        last AS (
            SELECT deal_id, arg_max(({SEEN}), id) AS seen, max(happened_at) AS happened_at
            FROM base.deal_versions
            WHERE deal_id IN ({ids})
            GROUP BY deal_id
        )
        SELECT
            changed.id,
            {SEEN},
            greatest($now, last.happened_at),
            greatest($now, last.happened_at),
            $by,
            $door
        FROM changed
        LEFT JOIN last ON last.deal_id = changed.id
        WHERE last.seen IS DISTINCT FROM ({SEEN})
        ORDER BY changed.id
        """,
        **params,
        now=tx.now,
        by=tx.actor.id,
        door=tx.actor.source.value,
    )


def note_brought(tx: Writing, ids: str) -> int:
    """Deals that a file made, once their movements are written; how many versions.

    A file says how a deal is at its end: its value and expected close are known from its closing on, or from now where
    it is open. When it opened they were unknown, else every forecast of the past would know the future. Whose it was is
    taken to have been so from the start: nothing names anybody else, and a deal of nobody would be lost to its owner.
    """
    return tx.run(
        f"""
        INSERT INTO base.deal_versions (deal_id, {SEEN}, happened_at, known_at, by_id, door)
        WITH
        brought AS (
            SELECT deal.*, coalesce(closing.happened_at, $now) AS told_at
            FROM ({_as_they_are(ids)}) AS deal
            LEFT JOIN base.stage_events AS closing ON closing.deal_id = deal.id AND closing.kind IN ('won', 'lost')
        ),
        versions AS (
            SELECT * REPLACE (NULL AS value, NULL AS expected_close), created_at AS happened_at, 1 AS nth
            FROM brought
            WHERE created_at < told_at
            UNION ALL
            SELECT *, told_at, 2
            FROM brought
            WHERE created_at = told_at OR value IS NOT NULL OR expected_close IS NOT NULL
        )
        SELECT id, {SEEN}, happened_at, happened_at, $by, $door
        FROM versions
        ORDER BY nth, id
        """,
        now=tx.now,
        by=tx.actor.id,
        door=tx.actor.source.value,
    )


def _as_they_are(ids: str) -> str:
    return f"""
        SELECT
            id,
            value,
            currency,
            expected_close,
            owner_id,
            team_id,
            contact_id IS NOT NULL AS has_contact,
            created_at
        FROM everything.deals
        WHERE id IN ({ids})
    """


def _seen(deal: Deal) -> tuple[object, ...]:
    return (deal.value, deal.currency, deal.expected_close, deal.owner_id, deal.team_id, deal.contact_id is None)
