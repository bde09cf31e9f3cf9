"""Setting and deleting rates by hand."""

from datetime import date
from decimal import Decimal

from crm.foundation.access import Permission
from crm.platform.rates.model import Rate, Source, checked_currency, checked_day, checked_rate, plain
from crm.platform.rates.reading import base_currency, get
from crm.store import Row, Writing
from crm.store.events import changed


def set_rate(tx: Writing, currency: str, day: date, rate: str | int | Decimal) -> Rate:
    """Set what one unit of the currency was worth on a day, in the workspace's currency; it takes the place of the rate
    that the day had. Raises Invalid for what is no rate."""
    tx.require(Permission.MANAGE_SETTINGS)
    base = base_currency(tx)
    code, of_day, value = checked_currency(currency, base), checked_day(day, tx.today), checked_rate(rate)
    found = tx.rows(
        "SELECT id, rate, source FROM currency_rates WHERE currency = $code AND day = $day", code=code, day=of_day
    )
    before = found[0] if found else {"id": None, "rate": None, "source": None}
    after = {"id": before["id"], "rate": value, "source": Source.HAND.stored}
    if after == before:
        return get(tx, code, of_day)
    if found:
        tx.run(
            """
            UPDATE base.currency_rates
            SET rate = $rate, source = $source, set_by = $me, set_at = $now
            WHERE id = $id
            """,
            **after,
            me=tx.actor.id,
            now=tx.now,
        )
    else:
        tx.run(
            """
            INSERT INTO base.currency_rates (base_currency, currency, day, rate, source, set_by, set_at)
            VALUES ($base, $code, $day, $rate, $source, $me, $now)
            """,
            base=base,
            code=code,
            day=of_day,
            rate=value,
            source=Source.HAND.stored,
            me=tx.actor.id,
            now=tx.now,
        )
    tx.record(
        "rate.set",
        "workspace",
        1,
        currency=code,
        base_currency=base,
        day=of_day,
        changes=changed(_logged(before), _logged(after)),
    )
    return get(tx, code, of_day)


def delete(tx: Writing, currency: str, day: date) -> None:
    """Delete the rate of a day: the one before it holds then. Raises NotFound where the day has none of its own."""
    tx.require(Permission.MANAGE_SETTINGS)
    found = get(tx, currency, day)
    tx.run(
        "DELETE FROM base.currency_rates WHERE base_currency = $base AND currency = $currency AND day = $day",
        base=found.base_currency,
        currency=currency,
        day=day,
    )
    tx.record(
        "rate.deleted",
        "workspace",
        1,
        currency=currency,
        base_currency=found.base_currency,
        day=day,
        rate=plain(found.rate),
    )


def _logged(row: Row) -> dict[str, str | None]:
    return {"rate": plain(row["rate"]) if row["rate"] else None, "source": row["source"]}
