"""Changing the rules of a pipeline: what its stages ask for, how long they may hold a deal, who may win in it."""

from collections.abc import Sequence
from typing import Literal, get_args

from crm.foundation.errors import Invalid
from crm.pipelines.model import Kind, Pipeline, get, stage
from crm.pipelines.rules import ATTRIBUTE, STANDARD, Requirement, requirements
from crm.pipelines.stages import record_change, touched
from crm.pipelines.verbs import require_shaping
from crm.records import attributes
from crm.store import Reading, Writing

Winners = Literal["everybody", "managers", "named"]

LONGEST = 3_650


def choices(tx: Reading) -> dict[str, str]:
    """What a stage can ask for: columns of a deal and attributes of now, by name."""
    own = {f"{ATTRIBUTE}{one.id}": one.name for one in attributes.definitions(tx, "deal")}
    return STANDARD | own


def require_fields(tx: Writing, stage_id: int, fields: Sequence[str]) -> Pipeline:
    """What a deal must hold to enter the stage: exactly these fields. Deals that stand in it stay. A rule whose
    attribute was deleted may stay as it is, or go; a new one needs a field of now."""
    require_shaping(tx)
    at = stage(tx, stage_id)
    before = {one.field: one for one in requirements(tx, [stage_id])}
    known = choices(tx)
    wanted = list(dict.fromkeys(fields))
    for field in wanted:
        if field not in known and field not in before:
            raise Invalid(f"A stage cannot ask for “{field}”: deals have no such field.", "fields")
    tx.run("DELETE FROM base.stage_requirements WHERE stage_id = $id", id=stage_id)
    for field in wanted:
        tx.run(
            "INSERT INTO base.stage_requirements VALUES ($stage_id, $field, $attribute_id, $name)",
            stage_id=stage_id,
            field=field,
            attribute_id=int(field.removeprefix(ATTRIBUTE)) if field.startswith(ATTRIBUTE) else None,
            name=known.get(field) or before[field].name,
        )
    names = [known.get(field) or before[field].name for field in wanted]
    record_change(tx, at, "asks_for", [one.name for one in before.values()], names)
    return touched(tx, at.pipeline_id)


def set_limit(tx: Writing, stage_id: int, days: int | None) -> Pipeline:
    """For how many days a deal may be left alone in this open stage before it counts as stalled; None: as long as was
    usual for deals that were won."""
    require_shaping(tx)
    at = stage(tx, stage_id)
    if at.kind is not Kind.OPEN:
        raise Invalid(f"“{at.name}” ends a deal: nothing stalls there.", "limit_days")
    if days is not None and not 1 <= days <= LONGEST:
        raise Invalid(f"A limit is 1 to {LONGEST:,} days, or none.", "limit_days")
    tx.run("UPDATE base.stages SET limit_days = $days WHERE id = $id", days=days, id=stage_id)
    record_change(tx, at, "limit_days", at.limit_days, days)
    return touched(tx, at.pipeline_id)


def let_win(tx: Writing, pipeline_id: int, who: str, user_ids: Sequence[int] = ()) -> Pipeline:
    """Who may move deals into Won: everybody who manages the CRM, managers (administrators too), or these people."""
    require_shaping(tx)
    before = get(tx, pipeline_id)
    if who not in get_args(Winners):
        raise Invalid("Deals are won by everybody, by managers, or by named people.", "winners")
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
    """The people who are named, whether or not it is them who may win now."""
    rows = tx.rows("SELECT user_id FROM pipeline_winners WHERE pipeline_id = $id ORDER BY user_id", id=pipeline_id)
    return [row["user_id"] for row in rows]


def rules_of(tx: Reading, pipeline: Pipeline) -> dict[int, list[Requirement]]:
    """What each stage of the pipeline asks for, by stage; those that ask for nothing too."""
    found = requirements(tx, [one.id for one in pipeline.stages])
    return {one.id: [rule for rule in found if rule.stage_id == one.id] for one in pipeline.stages}


def _refuse_strangers(tx: Reading, user_ids: Sequence[int]) -> None:
    if not user_ids:
        raise Invalid("Name at least one person, or let managers win.", "user_ids")
    known = tx.rows("SELECT id FROM users WHERE active AND id IN (SELECT unnest($ids::BIGINT[]))", ids=list(user_ids))
    if len(known) < len(user_ids):
        raise Invalid("One of the people is not here, or no longer.", "user_ids")
