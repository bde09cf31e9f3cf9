"""The rules of `crm verify` for rates."""

from crm.foundation.language import later

RULES = {
    later("a rate that is not above zero, or of the currency that it counts in"): """
        SELECT id FROM base.currency_rates WHERE rate <= 0 OR currency = base_currency
    """,
    later("a currency with two rates for one day"): """
        SELECT min(id) AS id
        FROM base.currency_rates
        GROUP BY base_currency, currency, day
        HAVING count(*) > 1
    """,
    later("a rate of unknown source"): """
        SELECT id FROM base.currency_rates WHERE source NOT IN ('hand', 'file', 'fetch', 'rebased')
    """,
}
