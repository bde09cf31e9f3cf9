"""Updates the value of a deal with lines: their sum, stored in the transaction that changes a line.

Summing in the view would cost every board, list, total and report, whether it shows lines or not (DECISIONS.md has the
figures). `crm verify` compares the stored value with the lines.
"""

from crm.deals.record import Deal
from crm.deals.verbs import find_one
from crm.deals.versions import change_of, note_change
from crm.foundation import money
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.edits import differences
from crm.store import Writing


def revalued(tx: Writing, before: Deal, *, currency: str | None = None) -> Deal:
    """Store the sum of the deal's current lines as its value; the deal after it. `before` is the deal before they
    changed.

    `currency` is the first line's. Writes one version and one event, or nothing where neither value nor
    currency changed.
    """
    total = tx.value("SELECT sum(total) FROM base.deal_lines WHERE deal_id = $id", id=before.id)
    # Each line fits into the column, but their sum may not: the engine would refuse it in its own words.
    if total is not None and total > money.LARGEST:
        raise Invalid(
            tr(
                "The lines come to {total:,}, more than a deal can hold: {largest:,}.",
                total=total,
                largest=money.LARGEST,
            ),
            "unit_price",
        )
    keeps = before.has_lines == (total is not None) and (total is None or total == before.value)
    if keeps and currency in (None, before.currency):
        return before
    # `manual_currency` is that of the typed value, and returns with it when the last line is removed: an amount never
    # changes its currency.
    tx.run(
        """
        UPDATE base.deals SET
            quoted_value = $total::DECIMAL(18, 4),
            currency = CASE
                WHEN $total IS NULL THEN coalesce(manual_currency, currency)
                ELSE coalesce($currency, currency)
            END,
            manual_currency = CASE WHEN $total IS NOT NULL THEN coalesce(manual_currency, currency) END,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        total=total,
        currency=currency,
        now=tx.now,
        id=before.id,
    )
    after = find_one(tx, before.id) or before
    note_change(tx, before, after)
    tx.record(change_of(before, after), "deal", before.id, changes=differences(before, after))
    return after
