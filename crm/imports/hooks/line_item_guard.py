"""Refuses to set the value of deals that have line items: it is their sum."""

from dataclasses import replace

import polars as pl

from crm.foundation.language import tr
from crm.imports.applying.matching import Matched
from crm.imports.model import OnDuplicate
from crm.imports.planning.columns import FAULTS, without
from crm.store import Reading


def leave_values(tx: Reading, matched: Matched, choice: OnDuplicate) -> Matched:
    """Take value and currency out of the rows of deals with lines; a row that would overwrite them with others is
    refused."""
    known = matched.known
    if known.is_empty() or choice is OnDuplicate.SKIP:
        return matched
    tx.bulk("known_deals", known.select("target"))
    with_lines = tx.frame(
        """
        SELECT deal.id AS target, deal.quoted_value, deal.currency AS quoted_currency
        FROM base.deals AS deal
        JOIN known_deals ON known_deals.target = deal.id
        WHERE deal.quoted_value IS NOT NULL
        """
    )
    tx.drop("known_deals")
    if with_lines.is_empty():
        return matched
    rows = known.join(with_lines, on="target", how="left", maintain_order="left")
    has_lines = pl.col("quoted_value").is_not_null()
    # A row that says the same value is let through: an export that comes back holds it for every deal with lines.
    other = (pl.col("manual_value") != pl.col("quoted_value")) | (pl.col("currency") != pl.col("quoted_currency"))
    # Filling changes no value that is there.
    refused = rows.filter(has_lines & other.fill_null(False) if choice is OnDuplicate.OVERWRITE else pl.lit(False))
    faults = refused.select("line", field=pl.lit("value"), reason=_reason()).cast(FAULTS)  # type: ignore[arg-type]
    left = without(rows, refused["line"]).with_columns(
        pl.when(~has_lines).then(column).alias(column) for column in ("manual_value", "currency")
    )
    return replace(
        matched,
        known=left.drop("quoted_value", "quoted_currency"),
        faults=pl.concat([matched.faults, faults]),
        conflicts=pl.concat([matched.conflicts, faults["line"]]),
    )


def _reason() -> pl.Expr:
    amount = pl.col("quoted_value").cast(pl.String).str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
    reason = tr(
        "The value of this deal is the sum of its lines, {sum}. Leave value and currency empty, or change the lines "
        "there.",
        sum="{} {}",
    )
    return pl.format(reason, amount, pl.col("quoted_currency"))
