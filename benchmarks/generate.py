"""Generates a large store by SQL alone: the same arguments give the same rows.

python -m benchmarks.generate FOLDER --contacts 1000000 --deals 200000 --board 10000 --orders 5000000
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from crm import pipelines
from crm.deals import versions
from crm.foundation import identity
from crm.foundation.access import SYSTEM, Actor, Role
from crm.pipelines import RANK_STEP, Kind, Pipeline
from crm.platform.people import users
from crm.store import Store, Writing

REPS = 40
PER_COMPANY = 50
TEMPLATES = ("b2b_sales", "saas_renewals", "real_estate")

FIRST_NAMES = "['Ana', 'João', 'Maria', 'José', 'Luiz', 'Márcia', 'Conceição', 'Emily', 'Jürgen', 'Chloé', 'Otávio']"
LAST_NAMES = "['Silva', 'Souza', 'Pereira', 'Müller', 'Martin', 'Nguyen', 'Assunção', 'O’Neil', 'Garcia', 'Xavier']"
CITIES = "['São Paulo', 'Recife', 'Curitiba', 'Berlin', 'Porto', 'Chicago', 'Lyon', 'Manaus']"


def generate(folder: Path, *, contacts: int, deals: int, board: int, orders: int = 0, days: int = 730) -> Store:
    """A new store, open: `deals` in three pipelines, of which `board` are open in the first, opened over the last
    `days`. With orders, their module is on."""
    store = Store(folder)
    with store.writing(SYSTEM) as tx:
        for number in range(1, REPS + 1):
            users.add(tx, email=f"rep{number}@mallard.example", name=f"Rep {number}", role=Role.REP)
        made = [pipelines.create_from_template(tx, template) for template in TEMPLATES]
        _companies(tx, max(contacts // PER_COMPANY, 1))
        _contacts(tx, contacts, max(contacts // PER_COMPANY, 1))
        _deals(tx, made, deals, board, contacts, days)
        _stage_events(tx)
        versions.note_imported(tx, "SELECT id FROM base.deals")
        if orders:
            _orders(tx, orders, contacts, deals)
        tx.record("benchmark.generated", "workspace", 1, contacts=contacts, deals=deals, orders=orders)
    return store


@contextmanager
def generated(*, contacts: int, deals: int, board: int, orders: int = 0, days: int = 730) -> Iterator[Store]:
    """A store as `generate` makes it, in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="mallard-bench-") as folder:
        store = generate(Path(folder), contacts=contacts, deals=deals, board=board, orders=orders, days=days)
        try:
            yield store
        finally:
            store.close()


def manager(store: Store) -> Actor:
    """A new manager, who sees everything, to measure as."""
    with store.writing(SYSTEM) as tx:
        user = users.add(tx, email="bench.manager@mallard.example", name="Bench", role=Role.MANAGER)
    return users.actor(store, user.id)


def _companies(tx: Writing, count: int) -> None:
    tx.run(
        f"""
        INSERT INTO base.companies (id, name, domain, domain_key, owner_id, search, created_at, updated_at)
        SELECT
            nextval('base.company_ids'),
            name,
            domain,
            domain,
            1 + n % {REPS},
            {identity.searchable_sql("name || chr(10) || domain")},
            $now - to_minutes(n * 7),
            $now - to_minutes(n * 7)
        FROM (
            SELECT
                n,
                'Company ' || n || ' ' || {_pick(LAST_NAMES, 1)} AS name,
                'company' || n || '.example' AS domain
            FROM range($count) AS numbers(n)
        )
        """,
        now=tx.now,
        count=count,
    )


def _contacts(tx: Writing, count: int, companies: int) -> None:
    tx.run(
        f"""
        INSERT INTO base.contacts (
            id, name, email, email_key, phone, phone_key, identifier, identifier_key, city, country,
            company_id, owner_id, search, created_at, updated_at
        )
        SELECT
            nextval('base.contact_ids'),
            name,
            email,
            email,
            phone,
            phone,
            identifier,
            identifier,
            {_pick(CITIES, 4)},
            'Brazil',
            CASE WHEN n % 4 <> 0 THEN 1 + {_draw(5, "$companies")} END,
            1 + n % {REPS},
            {identity.searchable_sql("concat_ws(chr(10), name, email, phone, identifier)")},
            $now - to_seconds(n * 63),
            $now - to_seconds(n * 63)
        FROM (
            SELECT
                n,
                concat_ws(' ', {_pick(FIRST_NAMES, 1)}, {_pick(LAST_NAMES, 2)}, {_pick(LAST_NAMES, 3)}) AS name,
                'person' || n || '@company' || n % $companies || '.example' AS email,
                CASE WHEN n % 5 <> 0 THEN '+551190' || lpad(n::VARCHAR, 7, '0') END AS phone,
                CASE WHEN n % 3 = 0 THEN 'C-' || n END AS identifier
            FROM range($count) AS numbers(n)
        )
        """,
        now=tx.now,
        count=count,
        companies=companies,
    )


def _deals(tx: Writing, made: list[Pipeline], count: int, board: int, contacts: int, days: int) -> None:
    """The first `board` deals are open in the first pipeline; of the rest one in ten is open, in the others."""
    first, others = made[0].open_stages, [stage for pipeline in made[1:] for stage in pipeline.open_stages]
    closed = [stage for pipeline in made for stage in pipeline.stages if stage.kind is not Kind.OPEN]
    # Opened at least 62 days ago: a closing comes up to 60 days later, and none may lie in the future.
    tx.run(
        f"""
        INSERT INTO base.deals (
            id, title, pipeline_id, stage_id, rank, manual_value, currency, priority, owner_id, contact_id, company_id,
            source, expected_close, closed_on, search, created_at, updated_at
        )
        SELECT
            nextval('base.deal_ids'),
            title,
            stage.pipeline_id,
            stage.id,
            {RANK_STEP} * row_number() OVER (PARTITION BY stage.id ORDER BY n),
            CASE WHEN n % 12 <> 0 THEN round(exp(8 + 2 * {_draw(12, "1000")} / 1000.0), 2) END,
            CASE WHEN n % 10 < 8 THEN 'BRL' WHEN n % 10 = 8 THEN 'USD' ELSE 'EUR' END,
            ['low', 'medium', 'high'][1 + n % 3],
            1 + n % {REPS},
            1 + {_draw(13, "$contacts")},
            1 + {_draw(14, "$companies")},
            ['Website', 'Referral', 'Event'][1 + n % 3],
            CASE WHEN n % 9 <> 0 THEN opened::DATE + (40 + {_draw(16, "120")})::INTEGER END,
            CASE WHEN stage.kind <> 'open' THEN opened::DATE + (40 + {_draw(15, "20")})::INTEGER END,
            lower(title),
            opened,
            opened
        FROM (
            SELECT
                n,
                'Deal ' || n AS title,
                $now - to_days((62 + {_draw(11, "$days - 62")})::INTEGER) AS opened,
                CASE
                    WHEN n < $board THEN $first[1 + n % len($first)]
                    WHEN {_draw(10, "10")} = 0 THEN $others[1 + n % len($others)]
                    ELSE $closed[1 + {_draw(17, "len($closed)")}]
                END AS stage_id
            FROM range($count) AS numbers(n)
        ) AS drawn
        JOIN base.stages AS stage ON stage.id = drawn.stage_id
        ORDER BY n
        """,
        now=tx.now,
        count=count,
        board=board,
        contacts=contacts,
        companies=max(contacts // PER_COMPANY, 1),
        days=days,
        first=[stage.id for stage in first],
        others=[stage.id for stage in others],
        closed=[stage.id for stage in closed],
    )


def _stage_events(tx: Writing) -> None:
    """Five days in each stage on the way; a lost deal leaves from one of the first four."""
    tx.run(
        """
        INSERT INTO base.stage_events (
            deal_id, pipeline_id, from_stage_id, to_stage_id, happened_at, known_at, by_id, kind, closed_on, value,
            currency, owner_id
        )
        SELECT
            deal_id,
            pipeline_id,
            lag(stage_id) OVER (PARTITION BY deal_id ORDER BY happened_at),
            stage_id,
            happened_at,
            happened_at,
            owner_id,
            kind,
            closed_on,
            CASE WHEN closed_on IS NOT NULL THEN value END,
            CASE WHEN closed_on IS NOT NULL THEN currency END,
            CASE WHEN closed_on IS NOT NULL THEN owner_id END
        FROM (
            SELECT
                deal.id AS deal_id,
                deal.pipeline_id,
                deal.owner_id,
                step.id AS stage_id,
                deal.created_at + to_days(5 * (step.position - 1)) AS happened_at,
                CASE step.position WHEN 1 THEN 'create' ELSE 'move' END AS kind,
                NULL AS closed_on,
                deal.manual_value AS value,
                deal.currency
            FROM base.deals AS deal
            JOIN base.stages AS stands ON stands.id = deal.stage_id
            JOIN base.stages AS step ON step.pipeline_id = deal.pipeline_id AND step.kind = 'open'
            WHERE step.position <= CASE stands.kind WHEN 'lost' THEN 1 + deal.id % 4 ELSE stands.position END
            UNION ALL
            SELECT
                deal.id,
                deal.pipeline_id,
                deal.owner_id,
                deal.stage_id,
                timezone('UTC', deal.closed_on + INTERVAL 12 HOUR),
                stands.kind,
                deal.closed_on,
                deal.manual_value,
                deal.currency
            FROM base.deals AS deal
            JOIN base.stages AS stands ON stands.id = deal.stage_id
            WHERE stands.kind <> 'open'
        )
        ORDER BY happened_at, deal_id
        """
    )


def _orders(tx: Writing, count: int, contacts: int, deals: int) -> None:
    """Orders of five years, the oldest first; one in ten belongs to a deal."""
    # The cube of a random share makes low ids likely: a few customers buy much oftener than most.
    tx.run("UPDATE base.modules SET enabled = true WHERE module = 'orders'")
    tx.run(
        f"""
        INSERT INTO base.orders (
            id, title, contact_id, deal_id, value, currency, status, source, external_id, external_key, ordered_on,
            paid_on, search, created_at, updated_at
        )
        SELECT
            nextval('base.order_ids'),
            title,
            least(1 + floor($contacts * power({_draw(21, "1000000")} / 1000000.0, 3))::BIGINT, $contacts),
            CASE WHEN n % 10 = 0 THEN 1 + {_draw(22, "$deals")} END,
            round(exp(3 + 3 * {_draw(23, "1000")} / 1000.0), 2),
            CASE WHEN n % 20 < 16 THEN 'BRL' WHEN n % 20 < 18 THEN 'USD' ELSE 'EUR' END,
            status,
            'commerce',
            external_id,
            'commerce:' || external_id,
            ordered_on,
            CASE WHEN status IN ('paid', 'refunded') THEN ordered_on END,
            lower(title) || chr(10) || external_id,
            ordered_on::TIMESTAMPTZ,
            ordered_on::TIMESTAMPTZ
        FROM (
            SELECT
                n,
                'Order ' || n AS title,
                's' || n AS external_id,
                ['paid', 'paid', 'paid', 'paid', 'paid', 'paid', 'pending', 'overdue', 'refunded', 'cancelled'][
                    1 + {_draw(24, "10")}
                ] AS status,
                $today::DATE - (1826 * (1 - n / $count))::INTEGER AS ordered_on
            FROM range($count) AS numbers(n)
        )
        ORDER BY n
        """,
        count=count,
        contacts=contacts,
        deals=max(deals, 1),
        today=tx.today,
    )
    tx.run(
        """
        INSERT INTO base.order_statuses (order_id, from_status, to_status, happened_at, by_id)
        SELECT id, NULL, status, created_at, 0 FROM base.orders ORDER BY id
        """
    )


def _draw(salt: int, size: str) -> str:
    """SQL: a whole number from 0 up to and without `size`, by chance but always the same for a row `n`."""
    # By a hash: random() draws in the order of rows, which several threads of the engine change.
    return f"(hash(n, {salt}) % ({size}))::BIGINT"


def _pick(values: str, salt: int) -> str:
    return f"{values}[1 + {_draw(salt, f'len({values})')}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--board", type=int, default=10_000)
    parser.add_argument("--orders", type=int, default=0)
    args = parser.parse_args()
    started = time.perf_counter()
    generate(args.folder, contacts=args.contacts, deals=args.deals, board=args.board, orders=args.orders).close()
    made = f"{args.contacts:,} contacts, {args.deals:,} deals and {args.orders:,} orders"
    print(f"{made} in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
