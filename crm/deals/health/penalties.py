"""The seven penalties that reduce a deal's health score, and their weights, which each pipeline may change."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from crm import pipelines
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.pipelines.verbs import require_shaping
from crm.platform import jobs
from crm.store import Reading, Row, Writing

EVALUATION_JOB = "health_evaluation"
"""The job that computes how well the score predicts: see crm/reports/evaluations.py."""


class Penalty(StrEnum):
    IDLE = "idle"
    LONG_IN_STAGE = "long_in_stage"
    OVERDUE = "overdue"
    PUSHED = "pushed"
    NO_NEXT_STEP = "no_next_step"
    NOBODY = "nobody"
    NO_VALUE = "no_value"


WEIGHTS = {
    Penalty.IDLE: 25,
    Penalty.LONG_IN_STAGE: 20,
    Penalty.OVERDUE: 20,
    Penalty.PUSHED: 15,
    Penalty.NO_NEXT_STEP: 10,
    Penalty.NOBODY: 5,
    Penalty.NO_VALUE: 5,
}
"""Default weights in points; they sum to 100."""

NAMES = {
    Penalty.IDLE: later("Idle over the limit"),
    Penalty.LONG_IN_STAGE: later("Longer in its stage than 90 % of won deals"),
    Penalty.OVERDUE: later("Expected close passed"),
    Penalty.PUSHED: later("Expected close pushed three times or more"),
    Penalty.NO_NEXT_STEP: later("No next step"),
    Penalty.NOBODY: later("No contact or no owner"),
    Penalty.NO_VALUE: later("No value in a late stage"),
}


def weights(tx: Reading, pipeline_id: int) -> dict[Penalty, int]:
    """All seven weights of a pipeline."""
    return all_weights(tx).get(pipeline_id, WEIGHTS)


def all_weights(tx: Reading) -> dict[int, dict[Penalty, int]]:
    """{pipeline id: its weights}, without the pipelines that use the defaults."""
    return from_rows(tx.rows(CHANGED))


CHANGED = "SELECT pipeline_id, penalty, weight FROM health_weights"
"""SQL of the rows of which `from_rows` makes the weights."""


def from_rows(rows: Iterable[Row]) -> dict[int, dict[Penalty, int]]:
    """As `all_weights`."""
    found: dict[int, dict[Penalty, int]] = {}
    for row in rows:
        found.setdefault(row["pipeline_id"], dict(WEIGHTS))[Penalty(row["penalty"])] = row["weight"]
    return found


def set_weights(tx: Writing, pipeline_id: int, given: Mapping[str, int]) -> dict[Penalty, int]:
    """Set weights of a pipeline, 0 to 100 points; 0 switches a penalty off. Returns all seven."""
    require_shaping(tx)
    pipelines.get(tx, pipeline_id)
    before = weights(tx, pipeline_id)
    after = dict(before)
    for name, weight in given.items():
        if name not in set(Penalty):
            raise Invalid(tr("There is no penalty “{name}”.", name=name), "weights")
        if not 0 <= weight <= 100:
            raise Invalid(tr("A penalty takes 0 to 100 points."), name)
        after[Penalty(name)] = weight
    tx.run("DELETE FROM base.health_weights WHERE pipeline_id = $id", id=pipeline_id)
    for penalty, weight in after.items():
        # Only what differs: a pipeline that keeps a default follows it when it changes.
        if weight != WEIGHTS[penalty]:
            tx.run(
                "INSERT INTO base.health_weights VALUES ($id, $penalty, $weight)",
                id=pipeline_id,
                penalty=penalty.value,
                weight=weight,
            )
    changes = {NAMES[each]: [before[each], after[each]] for each in Penalty if before[each] != after[each]}
    if changes:
        jobs.enqueue(tx, EVALUATION_JOB, pipeline_id)
    tx.record("pipeline.weighted", "pipeline", pipeline_id, changes=changes)
    return after
