"""What becomes of the rates when the workspace takes another currency."""

from crm.foundation.access import Permission
from crm.platform.rates.conversion import MOST_DAYS
from crm.platform.rates.model import LARGEST, Source
from crm.store import Writing


def rebase(tx: Writing, former: str, new: str) -> int:
    """Compute rates in the new currency of those in the former one; their number.

    The former ones stay, unused: whoever takes their currency again finds them. On each day a currency is worth what it
    was worth in the former currency, divided by what the new currency was worth then (at the rate of that day),
    half-even to twelve places; days on which that was not known are left out, and so are those that have a rate in the
    new currency already, of a time when that was the workspace's.
    """
    tx.require(Permission.MANAGE_SETTINGS)
    tx.run(
        "DELETE FROM base.currency_rates WHERE base_currency = $new AND source = $source",
        new=new,
        source=Source.REBASED.stored,
    )
    # In whole numbers of the twelfth place, since the engine divides decimals as doubles.
    made = tx.run(
        f"""
        INSERT INTO base.currency_rates (base_currency, currency, day, rate, source, set_by, set_at)
        WITH
            worth AS (
                SELECT currency, day, (rate * 1000000000000::DECIMAL(13, 0))::HUGEINT AS units
                FROM base.currency_rates
                WHERE base_currency = $former
            ),
            of_new AS (SELECT day, units FROM worth WHERE currency = $new),
            divided AS (
                SELECT one.currency, one.day, one.units * 1000000000000::HUGEINT AS dividend, of_new.units AS divisor
                FROM (FROM worth WHERE currency <> $new) AS one
                ASOF JOIN of_new ON one.day >= of_new.day
                WHERE of_new.day >= one.day - {MOST_DAYS}
                UNION ALL
                SELECT $former, day, 1000000000000000000000000::HUGEINT, units
                FROM of_new
            ),
            quotient AS (
                SELECT *, dividend // divisor AS whole, (dividend % divisor) * 2 AS twice_rest
                FROM divided
            ),
            rounded AS (
                SELECT
                    currency,
                    day,
                    whole + (twice_rest > divisor OR (twice_rest = divisor AND whole % 2 = 1))::INTEGER AS units
                FROM quotient
            )
        SELECT $new, currency, day, units::DECIMAL(20, 0) * 0.000000000001, $source, $me, $now
        FROM rounded
        ANTI JOIN (FROM base.currency_rates WHERE base_currency = $new) AS known USING (currency, day)
        WHERE units > 0 AND units <= $largest::HUGEINT * 1000000000000::HUGEINT
        ORDER BY currency, day
        """,
        former=former,
        new=new,
        largest=int(LARGEST),
        source=Source.REBASED.stored,
        me=tx.actor.id,
        now=tx.now,
    )
    if made:
        tx.record("rates.rebased", "workspace", 1, former=former, base_currency=new, made=made)
    return made
