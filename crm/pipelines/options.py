"""Options for choosing pipelines, stages and close reasons: {id: name}."""

from crm.foundation.language import later, tr
from crm.pipelines.model import all_of
from crm.store import Reading
from crm.store.kept import kept

_ENDS = {"won": later("Won"), "lost": later("Lost")}


def pipelines(tx: Reading) -> dict[int, str]:
    return {pipeline.id: pipeline.name for pipeline in all_of(tx)}


def stages(tx: Reading) -> dict[int, str]:
    """{stage id: “pipeline: stage”}."""
    return {stage.id: f"{pipeline.name}: {stage.name}" for pipeline in all_of(tx) for stage in pipeline.stages}


@kept
def close_reasons(tx: Reading) -> dict[int, str]:
    rows = tx.rows("SELECT id, kind, name FROM close_reasons ORDER BY kind, position")
    return {row["id"]: f"{tr(_ENDS[row['kind']])}: {row['name']}" for row in rows}
