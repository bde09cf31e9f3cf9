"""The rules of `crm verify` for pipelines and stages: each query returns the ids that break its rule."""

RULES = {
    "a pipeline without exactly one Won and one Lost stage": """
        SELECT pipeline.id
        FROM base.pipelines AS pipeline
        LEFT JOIN base.stages AS stage ON stage.pipeline_id = pipeline.id AND stage.deleted_at IS NULL
        WHERE pipeline.deleted_at IS NULL
        GROUP BY pipeline.id
        HAVING count(*) FILTER (stage.kind = 'won') <> 1 OR count(*) FILTER (stage.kind = 'lost') <> 1
    """,
    "a stage that is another than its last version says": """
        SELECT stage.id
        FROM base.stages AS stage
        LEFT JOIN (
            SELECT
                stage_id,
                arg_max(
                    {
                        'pipeline': pipeline_id,
                        'name': name,
                        'position': position,
                        'chance': probability,
                        'category': category,
                        'kind': kind,
                        'removed': removed
                    },
                    id
                ) AS was
            FROM base.stage_versions
            GROUP BY stage_id
        ) AS last ON last.stage_id = stage.id
        WHERE last.was IS DISTINCT FROM {
            'pipeline': stage.pipeline_id,
            'name': stage.name,
            'position': stage.position,
            'chance': stage.probability,
            'category': stage.category,
            'kind': stage.kind,
            'removed': stage.deleted_at IS NOT NULL
        }
    """,
    "a version of a stage that is out of order or still to come": """
        SELECT stage_id AS id
        FROM (
            SELECT *, lag(happened_at) OVER (PARTITION BY stage_id ORDER BY id) AS before FROM base.stage_versions
        )
        WHERE happened_at < before OR happened_at > $now
    """,
}
