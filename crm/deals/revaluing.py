"""The value of a deal with lines: their sum, kept beside the deal in the transaction that changes a line.

A sum worked out in the view would be paid by every board, list, total and report, whether it shows a line or not
(DECISIONS.md has the figures). `crm verify` compares what is kept with the lines.
"""

from crm.deals.record import Deal
from crm.deals.verbs import find_one
from crm.deals.versions import change_of, note_change
from crm.foundation import money
from crm.foundation.errors import Invalid
from crm.records.edits import differences
from crm.store import Writing


def revalued(tx: Writing, before: Deal, *, currency: str | None = None) -> Deal:
    """The deal at the value that its lines, as they now are, make; `before` is the deal as it was before they changed.

    `currency` is that of the first line. The typed value stays behind the lines in its own currency, and both come
    back with the last line's removal: an amount is never relabelled. One version and one event, and neither
    where value and currency are what they were.
    """
    total = tx.value("SELECT sum(total) FROM base.deal_lines WHERE deal_id = $id", id=before.id)
    if total is not None and total > money.LARGEST:
        raise Invalid(f"The lines come to {total:,}, more than a deal can hold: {money.LARGEST:,}.", "unit_price")
    keeps = before.has_lines == (total is not None) and (total is None or total == before.value)
    if keeps and currency in (None, before.currency):
        return before
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
