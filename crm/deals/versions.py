"""The versions of a deal over time: value, expected close, own probability and forecast category, owner, team, and
whether it lay in the bin; one row per change, never altered.

Everything that changes one of these writes a version in the same transaction; `crm verify` compares each deal with its
last one. Back-tests, pushed dates and the last edit are read from it. `happened_at` says from when a version is true,
`known_at` from when the product knew it.
"""

from datetime import datetime

from crm.deals import activity
from crm.deals.activity.history import BY_HAND
from crm.deals.record import Deal
from crm.store import Writing

VERSIONED = "value, currency, expected_close, own_probability, own_category, owner_id, team_id, has_contact, removed"

_FIELDS = {"value", "currency", "expected_close", "own_probability", "own_category", "owner_id", "team_id"}


def note_first(tx: Writing, deal: Deal) -> None:
    """Write the first version of a new deal."""
    _write(tx, deal)


def note_change(tx: Writing, before: Deal, after: Deal) -> None:
    """Write a version if one of its fields changed."""
    if _versioned(before) == _versioned(after):
        return
    at = _write(tx, after)
    edited = (before.value, before.expected_close) != (after.value, after.expected_close)
    close_was, close = before.expected_close, after.expected_close
    activity.note_edit(
        tx,
        after.id,
        at,
        by_hand=edited and tx.actor.source in BY_HAND,
        pushed=close_was is not None and close is not None and close > close_was,
    )


def _write(tx: Writing, deal: Deal) -> datetime:
    """Write a version with the deal's current values; from when it is true."""
    at: datetime = tx.value(
        f"""
        INSERT INTO base.deal_versions (deal_id, {VERSIONED}, happened_at, known_at, by_id, door)
        SELECT
            $id,
            $value,
            $currency,
            $expected_close,
            $own_probability,
            $own_category,
            $owner_id,
            $team_id,
            $has_contact,
            false,
            moment,
            moment,
            $by,
            $door
        FROM (
            SELECT greatest($now, max(happened_at)) AS moment  -- never before the last, even if the clock was set back
            FROM base.deal_versions
            WHERE deal_id = $id
        )
        RETURNING known_at
        """,
        id=deal.id,
        **deal.model_dump(include=_FIELDS),
        has_contact=deal.contact_id is not None,
        now=tx.now,
        by=tx.actor.id,
        door=tx.actor.source.value,
    )
    return at


def change_of(before: Deal, after: Deal) -> str:
    """The name of the event of an edit. Another value or currency of a closed deal is a correction: the closing, and so
    the reports, keep the former value until somebody reopens and closes the deal again."""
    value_differs = (before.value, before.currency) != (after.value, after.currency)
    return "deal.corrected" if value_differs and not before.is_open else "deal.changed"


def note_each(tx: Writing, ids: str, **params: object) -> int:
    """After a bulk change: write a version of each deal that differs from its last one; how many. `ids` is a query of
    deal ids."""
    written = tx.run(
        f"""
        INSERT INTO base.deal_versions (deal_id, {VERSIONED}, happened_at, known_at, by_id, door)
        WITH
        changed AS (
            {_as_they_are(ids)}
        ),
        last AS (
            SELECT deal_id, arg_max(({VERSIONED}), id) AS seen, max(happened_at) AS happened_at
            FROM base.deal_versions
            WHERE deal_id IN ({ids})
            GROUP BY deal_id
        )
        SELECT
            changed.id,
            {VERSIONED},
            greatest($now, last.happened_at),
            greatest($now, last.happened_at),
            $by,
            $door
        FROM changed
        LEFT JOIN last ON last.deal_id = changed.id
        WHERE last.seen IS DISTINCT FROM ({VERSIONED})
        ORDER BY changed.id
        """,
        **params,
        now=tx.now,
        by=tx.actor.id,
        door=tx.actor.source.value,
    )
    if written:
        activity.recompute_edits(tx, ids, **params)
    return written


def note_imported(tx: Writing, ids: str) -> int:
    """Write the versions of deals that an import created, and start their activity, after their movements; how many.

    A file gives a deal's final state: its value and expected close count as known from its closing on, or from now for
    an open deal. At its opening they are unknown, else a forecast of the past would see the future. Owner and team
    count from the opening, since nothing names anybody else.
    """
    # `ORDER BY nth`: ids are in the order of a deal's versions, as everybody reads them.
    written = tx.run(
        f"""
        INSERT INTO base.deal_versions (deal_id, {VERSIONED}, happened_at, known_at, by_id, door)
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
        SELECT id, {VERSIONED}, happened_at, happened_at, $by, $door
        FROM versions
        ORDER BY nth, id
        """,
        now=tx.now,
        by=tx.actor.id,
        door=tx.actor.source.value,
    )
    activity.start_each(tx, ids)
    return written


# Whether there is a contact, not which: a row with the contact's id would have to be merged and erased with it, and the
# past would change.
# From `base.deals`: a bulk change may give away deals that the actor then no longer sees, and the bin is told of.
def _as_they_are(ids: str) -> str:
    return f"""
        SELECT
            id,
            coalesce(quoted_value, manual_value) AS value,
            currency,
            expected_close,
            own_probability,
            own_category,
            owner_id,
            team_id,
            contact_id IS NOT NULL AS has_contact,
            deleted_at IS NOT NULL AS removed,
            created_at
        FROM base.deals
        WHERE id IN ({ids})
    """


def _versioned(deal: Deal) -> tuple[object, ...]:
    return (*(getattr(deal, name) for name in sorted(_FIELDS)), deal.contact_id is None)
