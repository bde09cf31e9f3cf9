"""What a stage asks of the deals that enter it, and who may win: one meaning for the board, the page, the API, imports
and changes of many deals.

A rule is asked at each arrival and never of the deals that already stand in the stage. It is SQL over a set of
arrivals; one deal is a set of one.
"""

from collections.abc import Mapping, Sequence

import polars as pl
from pydantic import BaseModel

from crm.foundation.access import Module, Permission, Role
from crm.foundation.errors import Forbidden, Incomplete
from crm.pipelines.model import Kind, Pipeline, Stage, get
from crm.records import attributes
from crm.records.attributes import AttributeType, Definition
from crm.store import Reading

STANDARD = {
    "value": "Value",
    "expected_close": "Expected close",
    "contact_id": "Contact",
    "company_id": "Company",
    "owner_id": "Owner",
    "team_id": "Team",
    "priority": "Priority",
    "source": "Source",
    "identifier": "Identifier",
}
"""The columns of a deal that can be asked for, by name."""

ATTRIBUTE = "attribute:"
EXAMPLES = 3


class Requirement(BaseModel, frozen=True):
    """A field that a deal must hold to enter a stage."""

    stage_id: int
    field: str
    """A column of a deal, or attribute:<id>."""
    name: str
    key: str | None
    """Of an attribute; None for a column, and where the attribute is gone."""
    type: AttributeType | None = None
    broken: bool
    """The attribute was deleted: no deal can enter until somebody mends the rule."""
    idle: bool = False
    """Its module is off: nothing is asked until it is on again."""

    @property
    def input(self) -> str:
        """What the API calls it."""
        return f"attributes.{self.key}" if self.key else self.field


def requirements(tx: Reading, stage_ids: Sequence[int]) -> list[Requirement]:
    """Of these stages, in the order in which they are spoken of: columns first, then attributes in theirs."""
    rows = tx.rows(
        """
        SELECT stage_id, field, attribute_id, name
        FROM base.stage_requirements  -- spares a move the modules' look: stages are visible where they are on
        WHERE stage_id IN (SELECT unnest($ids::BIGINT[]))
        """,
        ids=list(stage_ids),
    )
    if not rows:
        return []
    known: dict[int, Definition] = {}
    if any(row["attribute_id"] is not None for row in rows):
        known = {one.id: one for one in attributes.definitions(tx, "deal")}
    order = {field: place for place, field in enumerate([*STANDARD, *(f"{ATTRIBUTE}{one}" for one in known)])}
    found = [_requirement(tx, row["stage_id"], row["field"], row["name"], row["attribute_id"], known) for row in rows]
    return sorted(found, key=lambda one: (one.stage_id, order.get(one.field, len(order)), one.field))


def _requirement(
    tx: Reading, stage_id: int, field: str, name: str, attribute_id: int | None, known: Mapping[int, Definition]
) -> Requirement:
    if attribute_id is None:
        off = field == "company_id" and not tx.actor.has(Module.COMPANIES)
        return Requirement(stage_id=stage_id, field=field, name=STANDARD[field], key=None, broken=False, idle=off)
    own = known.get(attribute_id)
    if own is None:
        return Requirement(stage_id=stage_id, field=field, name=name, key=None, broken=True)
    return Requirement(stage_id=stage_id, field=field, name=own.name, key=own.key, type=own.type, broken=False)


# One deal


def require(tx: Reading, deal_id: int, title: str, target: Stage) -> None:
    """Let the deal into the stage, or refuse: Incomplete naming what it lacks, Forbidden where the actor may not win.

    Reads the deal as the transaction has left it.
    """
    if target.kind is Kind.WON:
        require_winner(tx, target.pipeline_id)
    asked = requirements(tx, [target.id])
    if not asked:
        return
    lacking = refused(tx, stored("SELECT $deal_id::BIGINT", target.id), asked, deal_id=deal_id)
    if lacking.height:
        by_field = {one.field: one for one in asked}
        raise incomplete(f"“{title}”", target, [by_field[field] for field in lacking["lacking"][0]])


def require_all(tx: Reading, ids: str, target: Stage, **params: object) -> None:
    """As `require`, of every deal that the query `ids` gives: one refusal for all of them. Deals in the bin are passed
    over: nobody could complete them."""
    if target.kind is Kind.WON:
        require_winner(tx, target.pipeline_id)
    asked = requirements(tx, [target.id])
    if not asked:
        return
    lacking = refused(tx, stored(ids, target.id), asked, **params)
    if lacking.is_empty():
        return
    named = set(lacking["lacking"].explode())
    titles = tx.rows(
        "SELECT title FROM deals WHERE id IN (SELECT unnest($ids::BIGINT[])) ORDER BY id LIMIT $most",
        ids=lacking["id"].head(100).to_list(),
        most=EXAMPLES,
    )
    named_ones = ", ".join(f"“{row['title']}”" for row in titles)
    such = f" (such as {named_ones})" if titles else ""
    raise incomplete(f"{lacking.height:,} of the deals{such}", target, [one for one in asked if one.field in named])


def incomplete(what: str, target: Stage, lacking: Sequence[Requirement]) -> Incomplete:
    """The refusal, in a sentence that names every field; a broken rule says who can mend it."""
    return Incomplete(f"{what} cannot enter {sentence(target.name, lacking)}", inputs(target.name, lacking))


def sentence(stage_name: str, lacking: Sequence[Requirement]) -> str:
    """“Offer”: it asks for Value and Contact. — the end of a refusal."""
    asked = [one.name for one in lacking if not one.broken]
    broken = [f"“{one.name}”" for one in lacking if one.broken]
    said = [f"it asks for {_listed(asked)}"] if asked else []
    if broken:
        attribute = "attributes" if len(broken) > 1 else "attribute"
        said.append(
            f"its rule asks for the {attribute} {_listed(broken)}, deleted since; "
            "a manager can mend the rule in the pipeline's settings"
        )
    return f"“{stage_name}”: {', and '.join(said)}."


def inputs(stage_name: str, lacking: Sequence[Requirement]) -> dict[str, str]:
    return {
        one.input: f"“{stage_name}” asks for the attribute “{one.name}”, which was deleted."
        if one.broken
        else f"“{stage_name}” asks for it: {one.name}."
        for one in lacking
    }


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


# Sets of deals


def stored(ids: str, stage_id: int) -> str:
    """The arrivals of stored deals in one stage, for `refused`. Who removes a stage moves deals of others too, hence
    `everything` and `base`; what is in the bin is not among them."""
    return f"""
        SELECT deal.id, {stage_id} AS stage_id, deal.* EXCLUDE (id, stage_id), own.* EXCLUDE (id)
        FROM everything.deals AS deal
        LEFT JOIN base.deal_attributes AS own ON own.id = deal.id
        WHERE deal.id IN ({ids})
    """


def refused(tx: Reading, arrivals: str, asked: Sequence[Requirement], **params: object) -> pl.DataFrame:
    """id, stage_id and the fields that are `lacking`, of the arrivals that may not be.

    `arrivals` is a query of id, stage_id and, as they will be then, the columns that `columns` names.
    """
    return tx.frame(
        f"""
        SELECT id, stage_id, lacking
        FROM (SELECT id, stage_id, {lacking(asked)} AS lacking FROM ({arrivals}) AS arrival)
        WHERE len(lacking) > 0
        ORDER BY id
        """,
        **params,
    )


def columns(asked: Sequence[Requirement]) -> list[str]:
    """What an arrival must say of itself: columns of deals, and `a_<key>` of attributes."""
    return sorted({_column(one) for one in asked if not one.broken and not one.idle})


def lacking(asked: Sequence[Requirement]) -> str:
    """SQL: the fields that an arrival lacks, by its stage. A box that is asked for must be ticked."""
    stages: dict[int, list[str]] = {}
    for one in asked:
        if not one.idle:
            stages.setdefault(one.stage_id, []).append(f"CASE WHEN {_is_empty(one)} THEN '{one.field}' END")
    cases = " ".join(
        f"WHEN {stage_id} THEN list_filter([{', '.join(tests)}], LAMBDA field: field IS NOT NULL)"
        for stage_id, tests in stages.items()
    )
    return f"CASE arrival.stage_id {cases} ELSE [] END" if cases else "[]::VARCHAR[]"


def _is_empty(one: Requirement) -> str:
    if one.broken:
        return "true"
    if one.type is AttributeType.CHECKBOX:
        return f"arrival.{_column(one)} IS NOT TRUE"
    return f"arrival.{_column(one)} IS NULL"


def _column(one: Requirement) -> str:
    return f"a_{one.key}" if one.key else one.field


# Who may win


def require_winner(tx: Reading, pipeline_id: int) -> None:
    refusal = winner_refusal(tx, get(tx, pipeline_id))
    if refusal:
        raise Forbidden(refusal)


def winner_refusal(tx: Reading, pipeline: Pipeline) -> str | None:
    """Why the actor may move no deal into Won; None where they may."""
    actor = tx.actor
    match pipeline.winners:
        case "managers":
            if actor.role is Role.MANAGER or actor.may(Permission.MANAGE_SETTINGS):
                return None
            who = "Managers and administrators"
        case "named":
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
            who = _listed([row["name"] for row in rows if row["name"]]) or "Nobody who is still here"
        case _:
            return None
    return f"{actor.name} may not move deals of “{pipeline.name}” into {pipeline.won.name}. {who} can."
