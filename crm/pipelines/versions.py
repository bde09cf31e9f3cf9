"""The versions of a stage over time: name, position, probability and category, one row per change, never altered.

Every change of a pipeline's stages ends in `note_stages`, in its own transaction; `crm verify` compares the last
version of each stage with the stage. Conversion and forecasts of the past are read from it.
"""

from crm.store import Writing

STAGES_AS_OF = """
    SELECT stage_id, pipeline_id, name, position, probability, category, kind, removed, was_there
    FROM (
        SELECT *, happened_at <= $as_of AS was_there
        FROM base.stage_versions
        QUALIFY 1 = row_number() OVER (
            PARTITION BY stage_id ORDER BY was_there DESC, CASE WHEN was_there THEN -id ELSE id END
        )
    )
"""
"""SQL: the stages as of `$as_of`, removed ones too. A stage that was created later counts as it was created: imported
deals may be older than the pipeline; `was_there` tells which were there already."""

OPEN_STAGES = f"SELECT * FROM ({STAGES_AS_OF}) WHERE kind = 'open' AND NOT removed"
"""SQL: the open stages as of `$as_of`."""

_VERSIONED = "name, position, probability, category, removed"


def note_stages(tx: Writing, pipeline_id: int) -> int:
    """Write a version of each stage of the pipeline that differs from its last one; how many."""
    # `greatest`: never before the last version, even where the machine's clock was set back.
    return tx.run(
        f"""
        INSERT INTO base.stage_versions (
            stage_id, pipeline_id, name, position, probability, category, kind, removed, happened_at, by_id
        )
        SELECT
            stage.id,
            stage.pipeline_id,
            stage.name,
            stage.position,
            stage.probability,
            stage.category,
            stage.kind,
            stage.deleted_at IS NOT NULL AS removed,
            greatest($now, last.happened_at),
            $by
        FROM base.stages AS stage
        LEFT JOIN (
            SELECT stage_id, arg_max(({_VERSIONED}), id) AS seen, max(happened_at) AS happened_at
            FROM base.stage_versions
            WHERE pipeline_id = $pipeline_id
            GROUP BY stage_id
        ) AS last ON last.stage_id = stage.id
        WHERE stage.pipeline_id = $pipeline_id
          AND last.seen IS DISTINCT FROM (
                stage.name, stage.position, stage.probability, stage.category, stage.deleted_at IS NOT NULL
            )
        ORDER BY stage.id
        """,
        pipeline_id=pipeline_id,
        now=tx.now,
        by=tx.actor.id,
    )
