"""The baseline: hand-written SQL on the base tables, without privacy, models, or a log beyond the row that a move must
leave."""

from datetime import date, datetime
from typing import Any, TypeAlias

import duckdb

Rows: TypeAlias = list[tuple[Any, ...]]


class Bare:
    """Statements on the base tables, over a cursor of the same connection that the product uses."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._cursor = connection.cursor()
        self._moved = 0

    def all(self, sql: str, **params: object) -> Rows:
        return self._cursor.execute(sql, params).fetchall()

    def board(self, pipeline_id: int) -> tuple[Rows, Rows]:
        return self.all(STAGE_TOTALS, pipeline_id=pipeline_id), self.all(FIRST_CARDS, pipeline_id=pipeline_id)

    def contacts(self, order: str, offset: int = 0) -> tuple[Rows, Rows]:
        page = CONTACT_PAGE.format(order=order)
        return self.all("SELECT count(*) FROM base.contacts WHERE deleted_at IS NULL"), self.all(page, offset=offset)

    def search(self, word: str) -> Rows:
        return self.all(SEARCH, word=word)

    def search_everywhere(self, word: str) -> Rows:
        return self.all(SEARCH_EVERYWHERE, word=word)

    def move(self, deal_id: int, to_stage: int, now: datetime) -> None:
        """Move a deal on top of a stage, in one durable transaction."""
        self._moved += 1
        self._cursor.execute("BEGIN TRANSACTION")
        deal = self.all("SELECT pipeline_id, stage_id, version FROM base.deals WHERE id = $id", id=deal_id)[0]
        top = self.all("SELECT min(rank) FROM base.deals WHERE stage_id = $stage", stage=to_stage)[0][0]
        self.all(
            """
            UPDATE base.deals SET stage_id = $stage, rank = $rank, updated_at = $now, version = version + 1
            WHERE id = $id
            """,
            id=deal_id,
            stage=to_stage,
            # The gap that the product leaves between ranks, too.
            rank=(top or 0) - 2**20,
            now=now,
        )
        self.all(
            """
            INSERT INTO base.stage_events (
                deal_id, pipeline_id, from_stage_id, to_stage_id, happened_at, known_at, by_id, kind
            )
            VALUES ($id, $pipeline, $from_stage, $to_stage, $now, $now, 0, 'move')
            """,
            id=deal_id,
            pipeline=deal[0],
            from_stage=deal[1],
            to_stage=to_stage,
            now=now,
        )
        self.all(
            "INSERT INTO base.events VALUES ($seq, $now, 0, '', '', 'deal.moved', 'deal', $id, '{}', '')",
            # Below zero: the log's own numbers go on from the product's last.
            seq=-self._moved,
            now=now,
            id=deal_id,
        )
        self._cursor.execute("COMMIT")

    def forecast(self, first: date, end: date, today: date) -> Rows:
        return self.all(FORECAST, first=first, end=end, today=today)

    def conversion(self, pipeline_id: int, first: datetime, before: datetime) -> tuple[Rows, Rows, Rows]:
        return (
            self.all(FURTHEST, pipeline_id=pipeline_id, first=first, before=before),
            self.all(TIMES, pipeline_id=pipeline_id, first=first, before=before),
            self.all(STANDING, pipeline_id=pipeline_id),
        )


STAGE_TOTALS = """
    SELECT
        deal.stage_id,
        deal.currency,
        count(*),
        sum(deal.manual_value),
        sum(deal.manual_value * stage.probability)
    FROM base.deals AS deal
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    WHERE deal.pipeline_id = $pipeline_id AND deal.deleted_at IS NULL
    GROUP BY deal.stage_id, deal.currency
"""

FIRST_CARDS = """
    SELECT
        deal.id, deal.stage_id, deal.title, deal.manual_value, deal.currency, deal.priority, deal.owner_id, owner.name,
        contact.name, company.name, deal.expected_close, deal.closed_on, deal.version
    FROM (
        SELECT unnest(arg_min(id, {'rank': rank, 'id': id}, 50)) AS id
        FROM base.deals
        WHERE pipeline_id = $pipeline_id AND deleted_at IS NULL
        GROUP BY stage_id
    ) AS first
    JOIN base.deals AS deal ON deal.id = first.id
    LEFT JOIN base.users AS owner ON owner.id = deal.owner_id
    LEFT JOIN base.contacts AS contact ON contact.id = deal.contact_id
    LEFT JOIN base.companies AS company ON company.id = deal.company_id
    ORDER BY deal.stage_id, deal.rank, deal.id
"""

CONTACT_PAGE = """
    SELECT contact.*, company.name, owner.name
    FROM (
        SELECT id
        FROM base.contacts AS contact
        WHERE deleted_at IS NULL
        ORDER BY {order}
        LIMIT 50 OFFSET $offset
    ) AS page
    JOIN base.contacts AS contact ON contact.id = page.id
    LEFT JOIN base.companies AS company ON company.id = contact.company_id
    LEFT JOIN base.users AS owner ON owner.id = contact.owner_id
    ORDER BY {order}
"""

# One scan of each table, with neither rank nor rights.
SEARCH_EVERYWHERE = " UNION ALL ".join(
    f"SELECT '{table}', count(*), max(updated_at) FROM base.{table} WHERE contains(search, $word)"
    for table in ("contacts", "companies", "deals", "orders", "products")
)

SEARCH = """
    WITH found AS MATERIALIZED (
        SELECT id, created_at
        FROM base.contacts
        WHERE deleted_at IS NULL
          AND (
            contains(search, $word)
            OR company_id IN (SELECT id FROM base.companies WHERE contains(search, $word))
          )
    ),
    page AS (SELECT id FROM found ORDER BY created_at DESC, id DESC LIMIT 50)
    SELECT contact.*, company.name, owner.name, (SELECT count(*) FROM found)
    FROM page
    JOIN base.contacts AS contact ON contact.id = page.id
    LEFT JOIN base.companies AS company ON company.id = contact.company_id
    LEFT JOIN base.users AS owner ON owner.id = contact.owner_id
    ORDER BY contact.created_at DESC, contact.id DESC
"""

FORECAST = """
    SELECT
        currency,
        state,
        CASE state
            WHEN 'won' THEN date_trunc('month', closed_on)
            WHEN 'open' THEN date_trunc('month', expected_close)
        END AS month,
        count(*),
        sum(manual_value),
        sum(manual_value * chance),
        count(*) FILTER (manual_value IS NULL)
    FROM (
        SELECT
            deal.*,
            CASE stage.kind WHEN 'won' THEN 1 ELSE stage.probability / 100 END AS chance,
            CASE
                WHEN stage.kind = 'won' THEN 'won'
                WHEN expected_close IS NULL THEN 'undated'
                WHEN expected_close < $today THEN 'overdue'
                WHEN expected_close < $end THEN 'open'
                ELSE 'outside'
            END AS state
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        WHERE deal.deleted_at IS NULL
          AND (stage.kind = 'open' OR (stage.kind = 'won' AND closed_on >= $first AND closed_on < $end))
    )
    GROUP BY ALL
"""

FURTHEST = """
    SELECT date_trunc('month', arrived_at) AS month, furthest, stage.kind, stood_in, count(*)
    FROM (
        SELECT
            event.deal_id,
            min(event.happened_at) AS arrived_at,
            max(step.position) AS furthest,
            list(DISTINCT step.position) AS stood_in
        FROM base.stage_events AS event
        JOIN base.stages AS step ON step.id = event.to_stage_id AND step.kind <> 'lost'
        WHERE event.pipeline_id = $pipeline_id
        GROUP BY event.deal_id
        HAVING arrived_at >= $first AND arrived_at < $before
    ) AS arrival
    JOIN base.deals AS deal ON deal.id = arrival.deal_id AND deal.deleted_at IS NULL
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    GROUP BY ALL
"""

TIMES = """
    SELECT
        stage_id,
        count(*) FILTER (arrived_at >= $first AND arrived_at < $before),
        quantile_cont(days, [0.5, 0.75, 0.9]) FILTER (arrived_at >= $first AND arrived_at < $before),
        quantile_cont(days, 0.9)
    FROM (
        SELECT
            event.to_stage_id AS stage_id,
            stage.kind,
            epoch(lead(event.happened_at) OVER history - event.happened_at) / 86400 AS days,
            first_value(event.happened_at) OVER history AS arrived_at
        FROM base.stage_events AS event
        JOIN base.stages AS stage ON stage.id = event.to_stage_id
        WHERE event.pipeline_id = $pipeline_id
        WINDOW history AS (PARTITION BY event.deal_id ORDER BY event.happened_at, event.id)
    )
    WHERE kind = 'open' AND days IS NOT NULL
    GROUP BY stage_id
"""

STANDING = """
    SELECT deal.stage_id, count(*)
    FROM base.deals AS deal
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    WHERE deal.pipeline_id = $pipeline_id AND stage.kind = 'open' AND deal.deleted_at IS NULL
    GROUP BY deal.stage_id
"""
