"""The stalled deals of a scope, and what they come to: the health of deals, added up as the forecast adds amounts."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import BaseModel

from crm.deals import agenda
from crm.deals.agenda import Left
from crm.reports import amounts
from crm.reports.amounts import Amounts
from crm.reports.scope import Scope, require_crm
from crm.store import Reading
from crm.store.kept import kept


class Worth(BaseModel, frozen=True):
    """What deals come to in the report's currency, today; `left_out` counts by currency those without a rate."""

    value: Decimal
    left_out: dict[str, int]


class Stalled(BaseModel, frozen=True):
    """Open deals that nobody has touched for longer than the limit of their stage. `deals` are the largest ones."""

    count: int
    open: int
    """All open deals of the scope."""
    currency: str
    worth: Worth
    deals: list[Left]


def report(tx: Reading, *, scope: Scope | None = None, currency: str | None = None) -> Stalled:
    """As of now, whatever day the scope is of: health is known of the present alone."""
    require_crm(tx)
    scope = (scope or Scope()).model_copy(update={"as_of": None})
    every = _open(tx, scope)
    left = agenda.left_alone(tx, every)
    return Stalled(
        count=len(left),
        open=len(every),
        currency=Amounts.of(tx, currency).currency,
        worth=_worth(tx, tuple(left), currency),
        deals=agenda.entries_of(tx, left),
    )


@kept
def _open(tx: Reading, scope: Scope) -> Sequence[int]:
    rows = tx.rows(f"SELECT id FROM ({scope.sql()}) WHERE status = 'open' ORDER BY id", **scope.params(tx))
    return tuple(row["id"] for row in rows)


@kept
def _worth(tx: Reading, ids: tuple[int, ...], currency: str | None) -> Worth:
    priced = Amounts.of(tx, currency)
    deals = """
        SELECT id, currency, value, 1 AS weight, $today::DATE AS rate_day
        FROM deals
        WHERE id IN (SELECT unnest($ids::BIGINT[]))
    """
    rows = tx.rows(
        f"""
        SELECT currency, rate, count(*) AS count, coalesce(sum(amount), 0) AS value
        FROM ({priced.sql(deals)})
        GROUP BY ALL
        """,
        ids=list(ids),
        today=tx.today,
        **priced.params(),
    )
    value = sum((row["value"] for row in rows if row["rate"] is not None), Decimal(0))
    return Worth(value=value, left_out=amounts.left_out(rows))
