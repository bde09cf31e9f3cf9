"""Taking in the rates of a file: what would come of it, and doing it, in one write."""

from datetime import date

import polars as pl
from pydantic import BaseModel

from crm.foundation.access import Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.platform.rates.model import Source, plain
from crm.platform.rates.reading import base_currency
from crm.platform.rates.sheets import Reject, Sheet
from crm.store import Reading, Writing

MOST_LOGGED = 100
"""How many replaced rates an event names; more are counted alone."""

_TABLE = "rates_of_file"
_SCHEMA: dict[str, pl.DataType] = {"currency": pl.String(), "day": pl.Date(), "rate": pl.Decimal(20, 12)}

# Grain: one row a rate of the file, with what becomes of it. `id` and `former` are of the rate that the day has.
_FATES = f"""
    SELECT
        given.*,
        known.id,
        known.rate AS former,
        CASE
            WHEN known.id IS NULL THEN 'new'
            WHEN known.rate = given.rate THEN 'unchanged'
            WHEN known.source = $kept THEN 'kept'
            ELSE 'changed'
        END AS fate
    FROM temp.{_TABLE} AS given
    LEFT JOIN currency_rates AS known USING (currency, day)
"""


class Outcome(BaseModel, frozen=True):
    """What becomes of the rates of a file: `new` + `changed` + `unchanged` + `kept` are all that could be read.
    `kept` were set by hand, and are not replaced by what is fetched."""

    base_currency: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    rejects: list[Reject]
    unquoted_days: int
    currencies: list[str]
    first_day: date | None
    last_day: date | None

    @property
    def rejected(self) -> int:
        return len(self.rejects)


def plan(tx: Reading, sheet: Sheet, source: Source) -> Outcome:
    """What `apply` would do. Raises Invalid where the workspace has taken another currency since the file was read."""
    tx.require(Permission.MANAGE_SETTINGS)
    _lay_out(tx, sheet)
    try:
        return _outcome(tx, sheet, source)
    finally:
        tx.drop(_TABLE)


def apply(tx: Writing, sheet: Sheet, source: Source) -> Outcome:
    """Set the rates of a file. The same file once more changes nothing. Raises Invalid as `plan` does."""
    tx.require(Permission.MANAGE_SETTINGS)
    _lay_out(tx, sheet)
    outcome = _outcome(tx, sheet, source)
    if outcome.new or outcome.changed:
        replaced = _replaced(tx, source) if outcome.changed <= MOST_LOGGED else {}
        _write(tx, source, outcome)
        tx.record(
            "rates.imported",
            "workspace",
            1,
            source=source.stored,
            **outcome.model_dump(exclude={"rejects", "unquoted_days"}, mode="json"),
            rejected=outcome.rejected,
            changes=replaced,
        )
    tx.drop(_TABLE)
    return outcome


def _lay_out(tx: Reading, sheet: Sheet) -> None:
    if sheet.base_currency != base_currency(tx):
        raise Invalid(tr("The workspace has taken another currency meanwhile. Give the file once more."), "file")
    rows = [(quote.currency, quote.day, quote.rate) for quote in sheet.quotes]
    tx.bulk(_TABLE, pl.DataFrame(rows, schema=_SCHEMA, orient="row"))


def _outcome(tx: Reading, sheet: Sheet, source: Source) -> Outcome:
    counts = tx.rows(f"SELECT fate, count(*) AS many FROM ({_FATES}) GROUP BY fate", kept=_kept_from(source))
    days = [quote.day for quote in sheet.quotes]
    return Outcome(
        base_currency=sheet.base_currency,
        **{row["fate"]: row["many"] for row in counts},
        rejects=sheet.rejects,
        unquoted_days=sheet.unquoted_days,
        currencies=sorted({quote.currency for quote in sheet.quotes}),
        first_day=min(days, default=None),
        last_day=max(days, default=None),
    )


def _kept_from(source: Source) -> str:
    """The source of rates that those of this source do not replace: a person's own, by what nobody looked at."""
    return Source.HAND.stored if source is Source.FETCH else ""


def _replaced(tx: Reading, source: Source) -> dict[str, list[str]]:
    rows = tx.rows(
        f"SELECT currency, day, former, rate FROM ({_FATES}) WHERE fate = 'changed' ORDER BY currency, day",
        kept=_kept_from(source),
    )
    return {f"{row['currency']} {row['day']}": [plain(row["former"]), plain(row["rate"])] for row in rows}


def _write(tx: Writing, source: Source, outcome: Outcome) -> None:
    given = {"source": source.stored, "me": tx.actor.id, "now": tx.now, "kept": _kept_from(source)}
    if outcome.changed:
        # In the order of the ids: an update in another one takes twenty times as long.
        tx.run(
            f"""
            UPDATE base.currency_rates
            SET rate = given.rate, source = $source, set_by = $me, set_at = $now
            FROM (SELECT id, rate FROM ({_FATES}) WHERE fate = 'changed' ORDER BY id) AS given
            WHERE currency_rates.id = given.id
            """,
            **given,
        )
    if outcome.new:
        tx.run(
            f"""
            INSERT INTO base.currency_rates (base_currency, currency, day, rate, source, set_by, set_at)
            SELECT $base, currency, day, rate, $source, $me, $now
            FROM ({_FATES})
            WHERE fate = 'new'
            ORDER BY currency, day
            """,
            **given,
            base=outcome.base_currency,
        )
