"""Deals from a file: where they stand is in placing.py, what their stages ask of them in entering.py."""

import polars as pl

from crm import pipelines
from crm.deals import activity, versions
from crm.deals.arrivals import correct_reasons, moment
from crm.foundation.language import later, tr
from crm.imports.applying.matching import Matched
from crm.imports.applying.references import Resolved
from crm.imports.hooks import entering, line_item_guard, placing
from crm.imports.model import OnDuplicate, Options
from crm.imports.planning.columns import Columns
from crm.imports.planning.import_hooks import ImportHooks
from crm.store import Reading, Writing

CLOSED_AFTER = "coalesce(row.stage_kind, was_stage.kind) <> 'open'"

SAME_STAGE = "coalesce(row.stage_id, was.stage_id) = was.stage_id"
"""What is said of a closing is of that one: why a deal was lost is not why it was won."""

CLOSING = ("closed_on", "close_reason_id", "close_note")

RULES = {
    **{
        (column, OnDuplicate.OVERWRITE): f"""CASE
            WHEN {CLOSED_AFTER} AND {SAME_STAGE} THEN coalesce(row.{column}, was.{column})
            WHEN {CLOSED_AFTER} THEN row.{column}
        END"""
        for column in CLOSING
    },
    **{
        # Filling moves no deal, so only one that is closed already can get the values of a closing.
        (column, OnDuplicate.FILL): f"CASE WHEN was_stage.kind <> 'open' THEN coalesce(was.{column}, row.{column}) END"
        for column in CLOSING
    },
}


def clean(columns: Columns) -> None:
    today = columns.context.today
    columns.refuse_where(pl.col("created") > today, "created", tr("The deal opens in the future."))
    columns.refuse_where(pl.col("closed") < pl.col("created"), "closed", tr("The deal closes before it opens."))


def resolve(tx: Reading, resolved: Resolved, options: Options) -> None:
    resolved.rows, faults, unread = placing.place_in_stages(tx, resolved.rows, options)
    resolved.faults.append(faults)
    resolved.unread.append(unread)


def matched(tx: Reading, found: Matched, choice: OnDuplicate) -> Matched:
    return line_item_guard.leave_values(tx, placing.once_known(tx, found, choice), choice)


def created(tx: Writing, rows: pl.DataFrame) -> None:
    placing.record_first_stages(tx, rows)
    tx.bulk("new_deals", rows.select("id"))
    versions.note_imported(tx, "SELECT id FROM new_deals")
    tx.drop("new_deals")


def before_update(tx: Writing, laid: frozenset[str]) -> None:
    if "new_stage_id" in laid:
        placing.put_on_top(tx)


def updated(tx: Writing, laid: frozenset[str]) -> None:
    if "new_stage_id" in laid:
        placing.record_changes_of_stage(tx)
    correct_reasons(tx, "SELECT id FROM changed")


def undone(tx: Writing, columns: frozenset[str]) -> None:
    if "stage_id" in columns:
        placing.take_back_changes_of_stage(tx)
    correct_reasons(tx, "SELECT id FROM restored")


def examples(tx: Reading) -> dict[str, str]:
    known = next((one for one in pipelines.all_of(tx) if one.open_stages), None)
    return {
        "pipeline": known.name if known else "",
        "stage": known.open_stages[0].name if known else "",
        "contact": "",
    }


HOOKS = ImportHooks(
    key="deal",
    clean=clean,
    resolves=frozenset({"pipeline", "stage"}),
    resolve=resolve,
    known_words={"stage": frozenset().union(*placing.CLOSED_WORDS.values())},
    columns=CLOSING,
    needs=pl.col("title").is_not_null(),
    unless=later("A new deal needs a title."),
    matched=matched,
    rules=RULES,
    joins="JOIN base.stages AS was_stage ON was_stage.id = was.stage_id",
    carried=("was_stage.kind AS was_kind", "coalesce(row.stage_kind, was_stage.kind) AS stage_kind"),
    refused_new=entering.refused_new,
    refused_changes=entering.refused_changed,
    complete=placing.with_ranks,
    insert={
        "stage_id": "new_stage_id",
        "pipeline_id": "(SELECT pipeline_id FROM base.stages WHERE id = new_stage_id)",
        "rank": "rank",
        # A closed deal whose file names no opening day opens on its closing day: history cannot begin after it.
        "created_at": moment("coalesce(created, closed_on)"),
    },
    created=created,
    before_update=before_update,
    updated=updated,
    noted=activity.recompute_notes,
    undone=undone,
    own_tables=frozenset({"stage_events", "deal_versions", "deal_activity", "won_visits"}),
    examples=examples,
)
