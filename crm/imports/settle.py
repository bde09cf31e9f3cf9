"""A plan against the store: what each row would do. The dry run shows it; applying does it, in the same transaction."""

from dataclasses import dataclass

import polars as pl

from crm.imports.changes import lay_changed
from crm.imports.columns import first_of_each_line
from crm.imports.matching import Matched, match
from crm.imports.model import OnDuplicate
from crm.imports.plan import Plan
from crm.imports.references import Resolved, default_owner, resolve
from crm.store import Reading


@dataclass(frozen=True)
class Settled:
    """Every row of the file has one outcome: created + updated + unchanged + skipped + rejected = total."""

    matched: Matched
    faults: pl.DataFrame
    """Of every row that is refused after it was read: line, field, reason."""
    made: dict[str, int]
    """Companies and owners made (or to be made) on the way."""
    new_companies: pl.DataFrame
    """id and first line of the companies that were made."""
    total: int
    created: int
    updated: int
    unchanged: int
    skipped: int

    @property
    def rejected(self) -> int:
        return self.total - self.created - self.updated - self.unchanged - self.skipped

    @property
    def counts(self) -> dict[str, int]:
        return {
            "total": self.total,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "rejected": self.rejected,
            "conflicts": len(self.matched.conflicts),
        }


def settle(tx: Reading, plan: Plan) -> Settled:
    """Leaves the changes of known records in the temporary table `changed`; `clear` drops it.

    A Writing makes the companies and owners that the options ask for.
    """
    resolved, unresolved = resolve(tx, plan.kind, plan.rows, plan.options)
    matched = match(tx, plan.table, resolved.rows, default_owner(tx))
    choice = plan.options.on_duplicate
    changed = 0
    if choice is not OnDuplicate.SKIP and matched.known.height:
        changed = lay_changed(tx, plan.table, matched.known, plan.attributes, choice)
    skipped = matched.known.height if choice is OnDuplicate.SKIP else 0
    settled = Settled(
        matched=matched,
        faults=first_of_each_line([plan.faults, unresolved, matched.faults]),
        made=resolved.made,
        new_companies=_new_companies(resolved),
        total=plan.sheet.total,
        created=matched.new.height,
        updated=changed,
        unchanged=matched.known.height - changed - skipped,
        skipped=skipped,
    )
    if settled.rejected != settled.faults.height + len(plan.sheet.faults):
        raise RuntimeError(f"{settled.rejected} rows have no outcome, and {settled.faults.height} a fault")
    return settled


def _new_companies(resolved: Resolved) -> pl.DataFrame:
    if not resolved.new_companies:
        return pl.DataFrame(schema={"id": pl.Int64, "line": pl.Int64})
    named = resolved.rows.select("line", id="company_id").filter(pl.col("id").is_in(resolved.new_companies))
    return named.group_by("id").agg(pl.col("line").min()).select("id", "line").sort("id")


def clear(tx: Reading) -> None:
    tx.drop("changed")
