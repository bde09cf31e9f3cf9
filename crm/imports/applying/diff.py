"""The difference between a plan and the store: what each row would do. The dry run shows it; applying writes it, in the
same transaction."""

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from crm.foundation.language import tr
from crm.imports.applying import linking
from crm.imports.applying.changes import create_changed
from crm.imports.applying.matching import Matched, match
from crm.imports.applying.references import default_owner, resolve
from crm.imports.fields import made_by_name
from crm.imports.model import OnDuplicate
from crm.imports.planning.columns import FAULTS, first_of_each_line, without
from crm.imports.planning.plan import Plan
from crm.records.declaration import Changeable, RecordType
from crm.store import Reading

NONE = pl.DataFrame(schema=FAULTS)


@dataclass(frozen=True)
class Diff:
    """Every row of the file has one outcome: created + updated + unchanged + skipped + rejected = total."""

    matched: Matched
    faults: pl.DataFrame
    """Of every row that is refused after it was read: line, field, reason."""
    unread: pl.DataFrame
    """line, field, reason of the cells that were left empty, or read in part, in the other rows."""
    made: dict[str, int]
    """Companies and owners made (or to be made) on the way."""
    new_companies: pl.DataFrame
    """id and first line of the companies that were made."""
    new_contacts: pl.DataFrame
    """As `new_companies`."""
    total: int
    created: int
    updated: int
    unchanged: int
    skipped: int

    @property
    def listed(self) -> pl.Series:
        """The lines that are shown as they stand in the file."""
        return pl.concat([self.faults["line"], self.unread["line"]]).unique()

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


def compare(tx: Reading, plan: Plan) -> Diff:
    """Compare a plan with the store. The changes of known records are left in the temporary table `changed`; `clear`
    drops it.

    A Writing creates the companies, contacts and owners that the options ask for; a Reading only counts them.
    """
    resolved, unresolved = resolve(tx, plan)
    matched = match(tx, plan, resolved.rows, default_owner(tx))
    choice = plan.options.on_duplicate
    if plan.hooks.matched:
        matched = plan.hooks.matched(tx, matched, choice)
    changed = 0
    if choice is not OnDuplicate.SKIP and matched.known.height:
        changed = create_changed(tx, plan, matched.known)
    skipped = matched.known.height if choice is OnDuplicate.SKIP else 0
    unchanged = matched.known.height - changed - skipped
    if plan.hooks.refused_new:
        matched, changed = _without_refused(tx, matched, changed, of_new=plan.hooks.refused_new(tx, matched.new))
    if plan.hooks.refused_changes and changed:
        matched, changed = _without_refused(tx, matched, changed, of_changed=plan.hooks.refused_changes(tx))
    if plan.of.changeable and changed and not tx.actor.sees_everything:
        foreign = _foreign(tx, plan.of, plan.of.changeable)
        matched, changed = _without_refused(tx, matched, changed, of_changed=foreign)
        # The row itself is sound: it is refused for what the store holds.
        matched = replace(matched, conflicts=pl.concat([matched.conflicts, foreign["line"]]))
    if linking.may_link(plan.of) and (links := linking.count(tx, plan.of, matched, choice)):
        resolved.made[linking.LINKS] = links
    faults = first_of_each_line([plan.faults, unresolved, matched.faults])
    unread = without(pl.concat([plan.unread, *resolved.unread]), faults["line"]).sort("line", "field")
    diff = Diff(
        matched=matched,
        faults=faults,
        unread=unread,
        made=resolved.made,
        new_companies=_first_lines(resolved.rows, made_by_name(plan.of), resolved.new_companies),
        new_contacts=_first_lines(resolved.rows, ["contact"], resolved.new_contacts),
        total=plan.sheet.total,
        created=matched.new.height,
        updated=changed,
        unchanged=unchanged,
        skipped=skipped,
    )
    # A row that a join dropped would be missing in silence: then nothing is written.
    if diff.rejected != diff.faults.height + len(plan.sheet.faults):
        raise RuntimeError(f"{diff.rejected} rows have no outcome, and {diff.faults.height} a fault")
    return diff


def _foreign(tx: Reading, of: RecordType[Any], changeable: Changeable) -> pl.DataFrame:
    """The rows that would change records which the actor sees and may not change."""
    rows = tx.frame(
        f"""
        SELECT line, NULL AS field, $because AS reason
        FROM changed
        WHERE id IN (SELECT id FROM base.{of.plural} WHERE {changeable.foreign})
        """,
        because=tr("The {kind} is not yours to change. {why}", kind=of.one, why=tr(changeable.because)),
    )
    return rows.cast(FAULTS)  # type: ignore[arg-type]


def _without_refused(
    tx: Reading, matched: Matched, changed: int, *, of_new: pl.DataFrame = NONE, of_changed: pl.DataFrame = NONE
) -> tuple[Matched, int]:
    """Reject these rows, and take them out of `changed`."""
    refused = first_of_each_line([of_new, of_changed])
    if refused.is_empty():
        return matched, changed
    if of_changed.height:
        tx.bulk("refused_lines", of_changed.select("line"))
        changed = tx.create_temp_table(
            "changed", "SELECT * FROM changed WHERE line NOT IN (SELECT line FROM refused_lines) ORDER BY id"
        )
        tx.drop("refused_lines")
    lines = refused["line"]
    return replace(
        matched,
        new=without(matched.new, lines),
        known=without(matched.known, lines),
        faults=pl.concat([matched.faults, refused]),
    ), changed


def _first_lines(rows: pl.DataFrame, keys: list[str], made: list[int]) -> pl.DataFrame:
    """id and first line of the records that were created for what these references name."""
    if not made:
        return pl.DataFrame(schema={"id": pl.Int64, "line": pl.Int64})
    named = pl.concat([rows.select("line", id=f"{key}_id") for key in keys]).filter(pl.col("id").is_in(made))
    return named.group_by("id").agg(pl.col("line").min()).select("id", "line").sort("id")


def clear(tx: Reading) -> None:
    tx.drop("changed")
