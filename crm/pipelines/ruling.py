"""Changes the rules of a pipeline: required fields and idle limits of its stages, and who may win deals."""

from collections.abc import Sequence
from typing import Literal, get_args

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines.model import Kind, Pipeline, get, stage
from crm.pipelines.rules import ATTRIBUTE, STANDARD, Requirement, requirements
from crm.pipelines.stages import record_change, touched
from crm.pipelines.verbs import require_shaping
from crm.records import attributes
from crm.store import Reading, Writing

Winners = Literal["everybody", "managers", "named"]

LONGEST = 3_650


def choices(tx: Reading) -> dict[str, str]:
    """{field that a stage can require: its name}: columns of deals and current attributes."""
    return {field: tr(name) for field, name in STANDARD.items()} | _own(tx)


def _own(tx: Reading) -> dict[str, str]:
    return {f"{ATTRIBUTE}{definition.id}": definition.name for definition in attributes.definitions(tx, "deal")}


def require_fields(tx: Writing, stage_id: int, fields: Sequence[str]) -> Pipeline:
    """Set the fields that a deal needs to enter the stage. Deals in the stage stay. A rule on a deleted attribute may
    be kept or dropped, but not added."""
    require_shaping(tx)
    target = stage(tx, stage_id)
    before = {rule.field: rule for rule in requirements(tx, [stage_id])}
    known = STANDARD | _own(tx)  # in English, whoever asks: the log keeps the names
    chosen = list(dict.fromkeys(fields))
    for field in chosen:
        # A rule on an attribute that was deleted since may stay: saving the others must not drop it.
        if field not in known and field not in before:
            raise Invalid(tr("A stage cannot ask for “{field}”: deals have no such field.", field=field), "fields")
    tx.run("DELETE FROM base.stage_requirements WHERE stage_id = $id", id=stage_id)
    for field in chosen:
        tx.run(
            "INSERT INTO base.stage_requirements VALUES ($stage_id, $field, $attribute_id, $name)",
            stage_id=stage_id,
            field=field,
            attribute_id=int(field.removeprefix(ATTRIBUTE)) if field.startswith(ATTRIBUTE) else None,
            # Refusals name the field by it once the attribute is deleted.
            name=known.get(field) or before[field].name,
        )
    names = [known.get(field) or before[field].name for field in chosen]
    record_change(tx, target, "asks_for", [STANDARD.get(field, rule.name) for field, rule in before.items()], names)
    return touched(tx, target.pipeline_id)


def set_limit(tx: Writing, stage_id: int, days: int | None) -> Pipeline:
    """Set after how many idle days a deal in this open stage counts as stalled; None for the usual time of won
    deals."""
    require_shaping(tx)
    target = stage(tx, stage_id)
    if target.kind is not Kind.OPEN:
        raise Invalid(tr("“{name}” ends a deal: nothing stalls there.", name=target.name), "limit_days")
    if days is not None and not 1 <= days <= LONGEST:
        raise Invalid(tr("A limit is 1 to {most:,} days, or none.", most=LONGEST), "limit_days")
    tx.run("UPDATE base.stages SET limit_days = $days WHERE id = $id", days=days, id=stage_id)
    record_change(tx, target, "limit_days", target.limit_days, days)
    return touched(tx, target.pipeline_id)


def let_win(tx: Writing, pipeline_id: int, who: str, user_ids: Sequence[int] = ()) -> Pipeline:
    """Set who may win deals: everybody who manages the CRM, managers (and administrators), or named users."""
    require_shaping(tx)
    before = get(tx, pipeline_id)
    if who not in get_args(Winners):
        raise Invalid(tr("Deals are won by everybody, by managers, or by named people."), "winners")
    named = sorted(set(user_ids)) if who == "named" else []
    if who == "named":
        _refuse_strangers(tx, named)
    was = winners(tx, pipeline_id)
    tx.run("UPDATE base.pipelines SET winners = $who WHERE id = $id", who=who, id=pipeline_id)
    tx.run("DELETE FROM base.pipeline_winners WHERE pipeline_id = $id", id=pipeline_id)
    for user_id in named:
        tx.run("INSERT INTO base.pipeline_winners VALUES ($id, $user_id)", id=pipeline_id, user_id=user_id)
    changes = {"winners": [before.winners, who], "winner_ids": [was, named]}
    tx.record("pipeline.changed", "pipeline", pipeline_id, changes=changes)
    return touched(tx, pipeline_id)


def winners(tx: Reading, pipeline_id: int) -> list[int]:
    """The ids of the named users, also while the pipeline is not set to “named”."""
    rows = tx.rows("SELECT user_id FROM pipeline_winners WHERE pipeline_id = $id ORDER BY user_id", id=pipeline_id)
    return [row["user_id"] for row in rows]


def rules_of(tx: Reading, pipeline: Pipeline) -> dict[int, list[Requirement]]:
    """{stage id: its requirements}, with an empty list for stages without any."""
    found = requirements(tx, [stage.id for stage in pipeline.stages])
    return {stage.id: [rule for rule in found if rule.stage_id == stage.id] for stage in pipeline.stages}


def _refuse_strangers(tx: Reading, user_ids: Sequence[int]) -> None:
    if not user_ids:
        raise Invalid(tr("Name at least one person, or let managers win."), "user_ids")
    known = tx.rows("SELECT id FROM users WHERE active AND id IN (SELECT unnest($ids::BIGINT[]))", ids=list(user_ids))
    if len(known) < len(user_ids):
        raise Invalid(tr("One of the people is not here, or no longer."), "user_ids")
