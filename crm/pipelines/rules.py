"""Stage rules: the fields that a stage requires of arriving deals, and who may win. Board, pages, API, imports and bulk
changes all use them; `crm/deals/stage_rules.py` checks stored deals.

Rules are checked at each arrival, never for deals that are in the stage already. They are SQL over a set of arrivals,
of which one deal is a special case: a check in Python and another in SQL would drift apart.
"""

from collections.abc import Mapping, Sequence

import polars as pl
from pydantic import BaseModel

from crm.foundation.access import Module, Permission, Role
from crm.foundation.errors import Forbidden, Incomplete
from crm.foundation.language import later, listed, plural, tr
from crm.pipelines.model import Pipeline, Stage, get
from crm.records import attributes
from crm.records.attributes import AttributeType, Definition
from crm.store import Reading

STANDARD = {
    "value": later("Value"),
    "expected_close": later("Expected close"),
    "contact_id": later("Contact"),
    "company_id": later("Company"),
    "owner_id": later("Owner"),
    "team_id": later("Team"),
    "priority": later("Priority"),
    "source": later("Source"),
    "identifier": later("Identifier"),
}
"""{column of a deal that a stage can require: its name, in English}."""

ATTRIBUTE = "attribute:"


class Requirement(BaseModel, frozen=True):
    """A field that a deal must hold to enter a stage."""

    stage_id: int
    field: str
    """A column of a deal, or attribute:<id>."""
    name: str
    key: str | None
    """The attribute's key; None for a column, and for a deleted attribute."""
    type: AttributeType | None = None
    broken: bool
    """Whether the attribute was deleted: no deal can enter until somebody corrects the rule."""
    idle: bool = False
    """Whether its module is off: it is not required until the module is on again."""

    @property
    def input(self) -> str:
        """The input's name in the API."""
        return f"attributes.{self.key}" if self.key else self.field


def requirements(tx: Reading, stage_ids: Sequence[int]) -> list[Requirement]:
    """The requirements of these stages, in the order to list them: columns first, then attributes."""
    rows = tx.rows(
        """
        SELECT stage_id, field, attribute_id, name
        FROM base.stage_requirements  -- base: the stages are visible already; spares each move a check
        WHERE stage_id IN (SELECT unnest($ids::BIGINT[]))
        """,
        ids=list(stage_ids),
    )
    # Most stages ask for nothing: the attributes need not be read.
    if not rows:
        return []
    known: dict[int, Definition] = {}
    if any(row["attribute_id"] is not None for row in rows):
        known = {definition.id: definition for definition in attributes.definitions(tx, "deal")}
    order = {field: place for place, field in enumerate([*STANDARD, *(f"{ATTRIBUTE}{known_id}" for known_id in known)])}
    found = [_requirement(tx, row["stage_id"], row["field"], row["name"], row["attribute_id"], known) for row in rows]
    return sorted(found, key=lambda rule: (rule.stage_id, order.get(rule.field, len(order)), rule.field))


def _requirement(
    tx: Reading, stage_id: int, field: str, name: str, attribute_id: int | None, known: Mapping[int, Definition]
) -> Requirement:
    if attribute_id is None:
        off = field == "company_id" and not tx.actor.has(Module.COMPANIES)
        return Requirement(stage_id=stage_id, field=field, name=tr(STANDARD[field]), key=None, broken=False, idle=off)
    own = known.get(attribute_id)
    if own is None:
        return Requirement(stage_id=stage_id, field=field, name=name, key=None, broken=True)
    return Requirement(stage_id=stage_id, field=field, name=own.name, key=own.key, type=own.type, broken=False)


def incomplete(what: str, target: Stage, lacking: Sequence[Requirement]) -> Incomplete:
    """The refusal, in a sentence that names every missing field; for a broken rule, who can correct it."""
    why = sentence(target.name, lacking)
    return Incomplete(tr("{deal} cannot enter {why}", deal=what, why=why), inputs(target.name, lacking))


def sentence(stage_name: str, lacking: Sequence[Requirement]) -> str:
    """The end of a refusal's sentence: “Offer”: it asks for Value and Contact."""
    names = [rule.name for rule in lacking if not rule.broken]
    broken = [f"“{rule.name}”" for rule in lacking if rule.broken]
    asked = tr("it asks for {fields}", fields=listed(names))
    gone = plural(
        "its rule asks for the attribute {names}, deleted since; a manager can fix the rule in the pipeline's settings",
        "its rule asks for the attributes {names}, deleted since; "
        "a manager can fix the rule in the pipeline's settings",
        len(broken),
        names=listed(broken),
    )
    why = tr("{first}, and {second}", first=asked, second=gone) if names and broken else asked if names else gone
    return tr("“{stage}”: {why}.", stage=stage_name, why=why)


def inputs(stage_name: str, lacking: Sequence[Requirement]) -> dict[str, str]:
    """{input of the API: its message} of the missing fields."""
    return {
        rule.input: tr(
            "“{stage}” asks for the attribute “{name}”, which was deleted.", stage=stage_name, name=rule.name
        )
        if rule.broken
        else tr("“{stage}” asks for it: {name}.", stage=stage_name, name=rule.name)
        for rule in lacking
    }


# Sets of deals


def refused(tx: Reading, arrivals: str, required: Sequence[Requirement], **params: object) -> pl.DataFrame:
    """The refused arrivals: id, stage_id and the list of missing fields, `lacking`.

    `arrivals` is a query of id, stage_id and the columns that `columns` names, with their values after the change.
    """
    return tx.frame(
        f"""
        SELECT id, stage_id, lacking
        FROM (SELECT id, stage_id, {lacking(required)} AS lacking FROM ({arrivals}) AS arrival)
        WHERE len(lacking) > 0
        ORDER BY id
        """,
        **params,
    )


def columns(required: Sequence[Requirement]) -> list[str]:
    """The columns that an arrival needs: columns of deals, and `a_<key>` of attributes."""
    return sorted({_column(rule) for rule in required if not rule.broken and not rule.idle})


def lacking(required: Sequence[Requirement]) -> str:
    """SQL: the list of fields that an arrival lacks for its stage. A required checkbox must be ticked."""
    stages: dict[int, list[str]] = {}
    for rule in required:
        if not rule.idle:
            stages.setdefault(rule.stage_id, []).append(f"CASE WHEN {_is_empty(rule)} THEN '{rule.field}' END")
    cases = " ".join(
        f"WHEN {stage_id} THEN list_filter([{', '.join(tests)}], LAMBDA field: field IS NOT NULL)"
        for stage_id, tests in stages.items()
    )
    return f"CASE arrival.stage_id {cases} ELSE [] END" if cases else "[]::VARCHAR[]"


def _is_empty(rule: Requirement) -> str:
    if rule.broken:
        return "true"
    # A checkbox is never empty: no is a value, and what is asked for is yes.
    if rule.type is AttributeType.CHECKBOX:
        return f"arrival.{_column(rule)} IS NOT TRUE"
    return f"arrival.{_column(rule)} IS NULL"


def _column(rule: Requirement) -> str:
    return f"a_{rule.key}" if rule.key else rule.field


# Who may win


def require_winner(tx: Reading, pipeline_id: int) -> None:
    refusal = winner_refusal(tx, get(tx, pipeline_id))
    if refusal:
        raise Forbidden(refusal)


def winner_refusal(tx: Reading, pipeline: Pipeline) -> str | None:
    """The sentence why the actor may not win deals of the pipeline; None where they may."""
    actor = tx.actor
    match pipeline.winners:
        case "managers":
            if actor.role is Role.MANAGER or actor.may(Permission.MANAGE_SETTINGS):
                return None
            who = tr("Managers and administrators")
        case "named":
            # A disabled person stays among the named, but is no answer to who can.
            rows = tx.rows(
                """
                SELECT winner.user_id, person.name
                FROM pipeline_winners AS winner
                LEFT JOIN users AS person ON person.id = winner.user_id AND person.active
                WHERE winner.pipeline_id = $id
                ORDER BY person.name
                """,
                id=pipeline.id,
            )
            if actor.id in {row["user_id"] for row in rows}:
                return None
            who = listed([row["name"] for row in rows if row["name"]]) or tr("Nobody who is still here")
        case _:
            return None
    return tr(
        "{name} may not move deals of “{pipeline}” into {stage}. {who} can.",
        name=actor.name,
        pipeline=pipeline.name,
        stage=pipeline.won.name,
        who=who,
    )
