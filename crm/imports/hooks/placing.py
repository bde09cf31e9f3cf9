"""Where a file's deals stand: pipeline and stage by their names, and the closing day that a closed stage needs."""

from dataclasses import replace
from typing import NamedTuple

import polars as pl

from crm import pipelines
from crm.deals import activity
from crm.deals.arrivals import record_arrivals
from crm.foundation import identity
from crm.foundation.language import later, tr
from crm.imports.applying.matching import Matched
from crm.imports.model import OnDuplicate, Options
from crm.imports.planning.columns import FAULTS, without
from crm.pipelines import Kind as StageKind
from crm.pipelines import Pipeline, Stage
from crm.store import Reading, Writing

CLOSED_WORDS = {
    StageKind.WON: {"won", "closed won", "ganho", "ganha", "fechado ganho"},
    StageKind.LOST: {"lost", "closed lost", "perdido", "perdida", "fechado perdido"},
}

DAY_OF_OPEN = later("The deal is in an open stage and has a day on which it closed.")
REASON_OF_OPEN = later("The deal is in an open stage and has a reason why it closed.")

NAMED = ("pipeline", "stage", "last_open_stage")


class Place(NamedTuple):
    """`named_pipeline_id` is named without a stage; `new_stage_id` is where a new deal stands, `entry_stage_id` the
    open stage it is first seen in; `fault_of_new` why it can stand nowhere, where that is no fault of a deal which
    stands somewhere already. `fault_field` is the one of `NAMED` that is at fault."""

    named_pipeline_id: int | None = None
    pipeline_id: int | None = None
    stage_id: int | None = None
    stage_kind: str | None = None
    new_stage_id: int | None = None
    entry_stage_id: int | None = None
    fault_of_new: str | None = None
    fault: str | None = None
    fault_field: str = "stage"


PLACES = {
    "named_pipeline_id": pl.Int64(),
    "pipeline_id": pl.Int64(),
    "stage_id": pl.Int64(),
    "stage_kind": pl.String(),
    "new_stage_id": pl.Int64(),
    "entry_stage_id": pl.Int64(),
    "fault_of_new": pl.String(),
    "fault": pl.String(),
    "fault_field": pl.String(),
}


def place_in_stages(
    tx: Reading, rows: pl.DataFrame, options: Options
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The rows with their stage, closing day and reason; the faults of those that have no place; and the names that
    were left empty, as the options say."""
    known = pipelines.all_of(tx)
    names = dict.fromkeys(NAMED, pl.String())
    places: list[tuple[object, ...]] = []
    emptied: list[tuple[object, ...]] = []
    # Each different combination is placed once: a file names few stages in many rows.
    for given in rows.select(NAMED).unique().iter_rows():
        place, left = _place_or_leave(known, dict(zip(NAMED, given, strict=True)), options)
        places.append((*given, *place))
        emptied += [(*given, field, reason) for field, reason in left.items()]
    table = pl.DataFrame(places, schema={**names, **PLACES}, orient="row")
    left_out = pl.DataFrame(emptied, schema={**names, "field": pl.String(), "reason": pl.String()}, orient="row")
    unread = rows.select("line", *NAMED).join(left_out, on=NAMED, nulls_equal=True).select(FAULTS.keys())
    placed = rows.join(table, on=NAMED, how="left", nulls_equal=True, maintain_order="left").drop(NAMED)
    closed_later = pl.col("closed") > tx.today
    closed = pl.col("stage_kind").is_in(["won", "lost"])
    fault = (
        pl.when(pl.col("fault").is_not_null())
        .then("fault")
        .when(closed & pl.col("closed").is_null())
        .then(pl.lit(tr("A won or lost deal needs the day on which it closed.")))
        .when(closed & closed_later)
        .then(pl.lit(tr("The deal is closed on a day that is still to come.")))
        # One day of an open deal is read as the expected close (`_with_days`); two cannot both be.
        .when(~closed & pl.col("closed").is_not_null() & pl.col("expected_close").is_not_null())
        .then(pl.lit(tr(DAY_OF_OPEN)))
    )
    placed = placed.with_columns(fault=fault)
    faults = placed.filter(pl.col("fault").is_not_null()).select("line", field="fault_field", reason="fault")
    sound = placed.filter(pl.col("fault").is_null()).drop("fault", "fault_field")
    return _with_closing(sound), faults.cast(FAULTS), unread  # type: ignore[arg-type]


def _with_closing(rows: pl.DataFrame) -> pl.DataFrame:
    """`closed_on` of the rows that name a closed stage. What the day of the others means, still in `closed`, and every
    reason, still in `close_reason`, depend on the deal that the row is about: see `once_known`."""
    closed = pl.col("stage_kind").is_in(["won", "lost"]).fill_null(False)
    return rows.with_columns(closed_on=pl.when(closed).then("closed"), closed=pl.when(~closed).then("closed"))


def _place_or_leave(
    known: list[Pipeline], names: dict[str, str | None], options: Options
) -> tuple[Place, dict[str, str]]:
    """The place of a deal, without the names that are at fault where the options leave such cells empty; and the fault
    of each of these."""
    left: dict[str, str] = {}
    while True:
        place = _place(known, names["pipeline"], names["stage"], names["last_open_stage"])
        field = place.fault_field
        if place.fault is None or names[field] is None or not options.leaves_empty(field):
            return place, left
        left[field] = place.fault
        names = {**names, field: None}


def _place(known: list[Pipeline], pipeline_name: str | None, stage_name: str | None, last_open: str | None) -> Place:
    fitting = [each for each in known if pipeline_name is None or _same(each.name, pipeline_name)]
    if not fitting:
        if pipeline_name:
            return Place(fault=tr("There is no pipeline “{name}”.", name=pipeline_name), fault_field="pipeline")
        return Place(fault=tr("There is no pipeline yet."), fault_field="pipeline")
    if len(fitting) > 1:
        several = tr("There are several pipelines: say which one, by a column or a constant.")
        return Place(fault=several) if stage_name else Place(fault_of_new=several)
    pipeline = fitting[0]
    stage = _stage(pipeline, stage_name) if stage_name else None
    if stage_name and stage is None:
        none = tr("The pipeline “{pipeline}” has no stage “{stage}”.", pipeline=pipeline.name, stage=stage_name)
        return Place(fault=none)
    first = pipeline.open_stages[0] if pipeline.open_stages else None
    entry = _stage(pipeline, last_open) if last_open else first
    if entry is None or entry.kind is not StageKind.OPEN:
        none = tr(
            "The pipeline “{pipeline}” has no open stage “{stage}”.", pipeline=pipeline.name, stage=last_open or ""
        )
        return Place(fault=none, fault_field="last_open_stage")
    if stage is None:
        named = pipeline.id if pipeline_name else None
        return Place(named_pipeline_id=named, new_stage_id=entry.id, entry_stage_id=entry.id)
    return Place(
        pipeline_id=pipeline.id,
        stage_id=stage.id,
        stage_kind=stage.kind.value,
        new_stage_id=stage.id,
        entry_stage_id=stage.id if stage.kind is StageKind.OPEN else entry.id,
    )


def _stage(pipeline: Pipeline, name: str) -> Stage | None:
    for stage in pipeline.stages:
        if _same(stage.name, name):
            return stage
    words = identity.folded(name.strip())
    kind = next((kind for kind, known in CLOSED_WORDS.items() if words in known), None)
    return next((stage for stage in pipeline.stages if stage.kind is kind), None)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


# Once it is known which deal a row is about


def once_known(tx: Reading, matched: Matched, choice: OnDuplicate) -> Matched:
    """Assign closing day and reason once it is known which deal each row is about, and reject the rows where they
    belong nowhere, or that name another pipeline and no stage of it."""
    known = matched.known.join(_places_of(tx, matched.known), on="target", how="left", maintain_order="left")
    # The kind of stage in which the row leaves its deal: filling leaves it in its own.
    after = pl.coalesce("stage_kind", "was_kind") if choice is OnDuplicate.OVERWRITE else pl.col("was_kind")
    placed = replace(
        matched,
        new=matched.new.with_columns(kind=pl.col("stage_kind").fill_null("open")),
        known=known.with_columns(kind=after),
    )
    sound = _without_other_pipelines(_without_unplaced(placed), choice)
    sound = _without_closings_of_open(sound, choice)
    new, known = (_with_reasons(tx, _with_days(rows)) for rows in (sound.new, sound.known))
    return replace(sound, new=new.drop("kind"), known=known.drop("kind", "was_kind", "was_pipeline_id", "was_pipeline"))


def _places_of(tx: Reading, known: pl.DataFrame) -> pl.DataFrame:
    """target, was_kind, was_pipeline_id, was_pipeline (its name): where the rows' deals stand."""
    # Most rows name neither a closing nor a pipeline alone: only the deals of those that do are looked up.
    matters = pl.any_horizontal(pl.col("closed", "close_reason", "named_pipeline_id").is_not_null())
    tx.bulk("placed_deals", known.filter(matters).select("target"))
    found = tx.frame(
        """
        SELECT
            deal.id AS target,
            stage.kind AS was_kind,
            deal.pipeline_id AS was_pipeline_id,
            pipeline.name AS was_pipeline
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        JOIN base.pipelines AS pipeline ON pipeline.id = deal.pipeline_id
        WHERE deal.id IN (SELECT target FROM placed_deals)
        """
    )
    tx.drop("placed_deals")
    return found


def _without_unplaced(matched: Matched) -> Matched:
    """Reject new deals without a pipeline."""
    # Of the new ones alone: a deal that is there stays where it is, however many pipelines there are.
    unplaced = matched.new.filter(pl.col("fault_of_new").is_not_null())
    return _without(matched, unplaced.select("line", field=pl.lit("stage"), reason="fault_of_new"))


def _without_other_pipelines(matched: Matched, choice: OnDuplicate) -> Matched:
    """Reject rows that name another pipeline of a known deal, and no stage of it."""
    if choice is not OnDuplicate.OVERWRITE:
        return matched
    refused = matched.known.filter(pl.col("named_pipeline_id") != pl.col("was_pipeline_id"))
    reason = tr("The deal is in the pipeline “{pipeline}”: in another one it needs a stage too.", pipeline="{}")
    because = pl.format(reason, "was_pipeline")
    return _without(matched, refused.select("line", field=pl.lit("pipeline"), reason=because))


def _without_closings_of_open(matched: Matched, choice: OnDuplicate) -> Matched:
    """Reject rows without a stage that say when or why an open deal was closed."""
    stays_open = pl.col("stage_kind").is_null() & (pl.col("kind") == "open")
    has_day = pl.col("closed").is_not_null() & pl.col("expected_close").is_not_null()
    # A row that is skipped changes nothing, whatever it says.
    written = [matched.new] if choice is OnDuplicate.SKIP else [matched.new, matched.known]
    for refused, field, reason in (
        (has_day, "closed", DAY_OF_OPEN),
        (pl.col("close_reason").is_not_null() & ~has_day, "close_reason", REASON_OF_OPEN),
    ):
        lines = pl.concat([rows.filter(stays_open & refused).select("line") for rows in written])
        matched = _without(matched, lines.with_columns(field=pl.lit(field), reason=pl.lit(tr(reason))))
    return matched


def _without(matched: Matched, faults: pl.DataFrame) -> Matched:
    return replace(
        matched,
        new=without(matched.new, faults["line"]),
        known=without(matched.known, faults["line"]),
        faults=pl.concat([matched.faults, faults.cast(FAULTS)]),  # type: ignore[arg-type]
    )


def _with_days(rows: pl.DataFrame) -> pl.DataFrame:
    """`closed_on` and `expected_close` of each row: `closed` is the former of a closed deal, the latter of an open
    one."""
    # Many exports have one column for both days.
    closed = (pl.col("kind") != "open").fill_null(False)
    return rows.with_columns(
        # Of a deal that is closed already another day is refused in entering.py; it never becomes an expectation.
        closed_on=pl.when(closed).then(pl.coalesce("closed_on", "closed")).otherwise("closed_on"),
        expected_close=pl.when(closed).then("expected_close").otherwise(pl.coalesce("expected_close", "closed")),
    ).drop("closed")


def _with_reasons(tx: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `close_reason_id`, or `close_note` where the text is no known reason of that kind of closing."""
    # A row that names a stage of another kind than its deal stays in is about another closing: nothing of it is kept.
    about = pl.col("stage_kind").is_null() | (pl.col("stage_kind") == pl.col("kind"))
    reasons = tx.frame(
        """
        SELECT min(id) AS close_reason_id, kind AS closing, lower(name) AS reason_key
        FROM close_reasons
        GROUP BY kind, lower(name)  -- older stores may hold two that differ in case alone: one row stays one
        """
    )
    found = rows.with_columns(
        closing=pl.when(about & (pl.col("kind") != "open")).then("kind"),
        reason_key=pl.col("close_reason").str.to_lowercase(),
    ).join(reasons, on=["closing", "reason_key"], how="left", maintain_order="left")
    is_note = pl.col("closing").is_not_null() & pl.col("close_reason_id").is_null()
    return found.with_columns(close_note=pl.when(is_note).then("close_reason")).drop(
        "closing", "reason_key", "close_reason"
    )


# Writing


def with_ranks(tx: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """The new deals with their rank: on top of their stage, in the file's order."""
    # From `base`: a stage is ordered over all its deals, whoever sees them.
    tops = tx.frame("SELECT stage_id AS new_stage_id, min(rank) AS top FROM base.deals GROUP BY stage_id")
    placed = rows.join(tops, on="new_stage_id", how="left", maintain_order="left")
    from_below = pl.int_range(pl.len(), 0, -1, dtype=pl.Int64).over("new_stage_id")
    return placed.with_columns(rank=pl.col("top").fill_null(0) - from_below * pipelines.RANK_STEP).drop("top")


def record_first_stages(tx: Writing, rows: pl.DataFrame) -> None:
    """Record the arrival of new deals: in an open stage when they opened, and where they are closed, their closing."""
    # `vouched`: both days are the file's word, so they count as known when they happened.
    tx.bulk("new_deals", rows.select("id", "entry_stage_id", "new_stage_id", "stage_kind"))
    record_arrivals(
        tx,
        """
        SELECT id AS deal_id, NULL AS from_stage_id, entry_stage_id AS to_stage_id, 'import' AS kind
        FROM new_deals
        """,
        by_hand=False,
        vouched=True,
    )
    record_arrivals(
        tx,
        """
        SELECT id AS deal_id, entry_stage_id AS from_stage_id, new_stage_id AS to_stage_id, stage_kind AS kind
        FROM new_deals
        WHERE stage_kind IN ('won', 'lost')
        """,
        by_hand=False,
        vouched=True,
    )
    tx.drop("new_deals")


def record_changes_of_stage(tx: Writing) -> None:
    """After the update: the deals in `changed` that arrived in another stage."""
    record_arrivals(
        tx,
        """
        SELECT
            id AS deal_id,
            old_stage_id AS from_stage_id,
            new_stage_id AS to_stage_id,
            CASE
                WHEN stage_kind <> 'open' THEN stage_kind
                WHEN was_kind <> 'open' THEN 'reopen'
                WHEN new_pipeline_id <> old_pipeline_id THEN 'pipeline'
                ELSE 'import'
            END AS kind
        FROM changed
        WHERE new_stage_id IS DISTINCT FROM old_stage_id
        """,
        by_hand=False,
    )


def put_on_top(tx: Writing) -> None:
    """Before the update: the deals in `changed` that arrive in another stage."""
    tx.run(
        """
        UPDATE base.deals AS target SET rank = arrived.top - arrived.place * $step
        FROM (
            SELECT
                changed.id,
                coalesce((SELECT min(rank) FROM base.deals WHERE stage_id = changed.new_stage_id), 0) AS top,
                row_number() OVER (PARTITION BY changed.new_stage_id ORDER BY changed.line DESC) AS place
            FROM changed
            WHERE changed.new_stage_id IS DISTINCT FROM changed.old_stage_id
            ORDER BY changed.id
        ) AS arrived
        WHERE arrived.id = target.id
        """,
        step=pipelines.RANK_STEP,
    )


def take_back_changes_of_stage(tx: Writing) -> None:
    """After the update: the deals in `restored` that are back in their former stage lose the movement that took them
    out of it, their last one, and come on top of that stage."""
    tx.create_temp_table(
        "moved_back",
        """
        SELECT restored.id
        FROM restored
        JOIN undo_rows ON undo_rows.id = restored.id AND undo_rows.reason IS NULL  -- others stay where they are
        WHERE json_exists(restored.before, '$.stage_id')
        ORDER BY restored.id
        """,
    )
    tx.run(
        """
        DELETE FROM base.stage_events WHERE id IN (
            SELECT max(id) FROM base.stage_events WHERE deal_id IN (SELECT id FROM moved_back) GROUP BY deal_id
        )
        """
    )
    activity.recompute_moves(tx, "SELECT id FROM moved_back")
    tx.run(
        """
        UPDATE base.deals AS target SET rank = back.top - back.place * $step
        FROM (
            SELECT
                deal.id,
                min(deal.rank) OVER (PARTITION BY deal.stage_id) AS top,
                row_number() OVER (PARTITION BY deal.stage_id ORDER BY deal.rank DESC) AS place,
                moved_back.id IS NOT NULL AS moved
            FROM base.deals AS deal
            LEFT JOIN moved_back ON moved_back.id = deal.id
            QUALIFY moved
            ORDER BY deal.id
        ) AS back
        WHERE back.id = target.id
        """,
        step=pipelines.RANK_STEP,
    )
    tx.drop("moved_back")
