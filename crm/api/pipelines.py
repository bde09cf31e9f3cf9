"""Pipelines, their stages, the templates they can be made from, and the reasons that close their deals."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from crm import deals, pipelines
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import LARGEST_ID, Body, Id, Listed, Number, PathId, shown, whole
from crm.deals import CloseReason, health
from crm.deals.health import Penalty
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, Stale
from crm.pipelines import NewStage, Pipeline, Requirement, Template
from crm.reports import evaluations
from crm.reports.health_evaluation import Worth
from crm.store import Reading, Writing

router = APIRouter(tags=["pipelines"], dependencies=[Depends(needs(Module.CRM))])

Percent = Annotated[Number, Field(ge=0, le=100, description="Percent, 0 to 100.", examples=["35"])]
StageId = Annotated[int, Path(alias="stage_id", ge=1, le=LARGEST_ID)]


ForecastCategory = Annotated[
    Literal["omitted", "pipeline", "best_case", "commit"],
    Field(description="The forecast category of its deals, but for those that have their own."),
]


class StageGiven(Body):
    """An open stage; its colour and probability follow from its place where they are not given."""

    name: str
    probability: Percent | None = None
    colour: str | None = Field(None, examples=["#3b82f6"])
    category: ForecastCategory | None = None


class PipelineGiven(Body):
    """Open stages in their order, or the key of a template. Won and Lost are added."""

    name: str | None = Field(None, examples=["Partners"])
    stages: list[StageGiven] | None = Field(None, max_length=50)
    template: str | None = None


class PipelineChange(Body):
    name: str = ""
    stage_order: list[Id] = Field([], max_length=50, description="Every open stage once, in the new order.")


class StageChange(Body):
    name: str = ""
    colour: str = ""
    probability: Percent = Decimal(0)
    category: ForecastCategory = "pipeline"
    limit_days: int | None = Field(
        None, description="Left alone for longer, a deal is stalled; null: for longer than was usual for won deals."
    )


class Asked(Body):
    """Exactly what a deal must hold to enter the stage, as `choices` of the pipeline's rules calls it."""

    fields: list[str] = Field(max_length=100, examples=[["value", "contact_id"]])


class Winners(Body):
    """Who may move deals into Won."""

    who: Literal["everybody", "managers", "named"]
    user_ids: list[Id] = Field([], max_length=1000)


class Weights(Body):
    weights: dict[Penalty, Annotated[int, Field(strict=True, ge=0, le=100)]]


class HealthSettings(BaseModel):
    weights: dict[Penalty, int]
    worth: Worth | None
    """How well the score predicts, as last computed; None before the first evaluation, which the worker does."""


class StageRules(BaseModel):
    stage_id: int
    asks_for: list[Requirement]


class Rules(BaseModel):
    """What the stages of a pipeline ask for, and who may win."""

    winners: Literal["everybody", "managers", "named"]
    winner_ids: list[int]
    stages: list[StageRules]
    choices: dict[str, str]
    """What a stage can ask for, by name."""


@router.get("/pipelines")
def list_pipelines(caller: Calling) -> Listed[Pipeline]:
    with caller.reading() as tx:
        return whole(pipelines.all_of(tx))


@router.post("/pipelines", status_code=201, response_model=Pipeline)
def create_pipeline(change: Changing, body: PipelineGiven) -> Response:
    return change.create("pipeline", lambda tx: _create(tx, body))


@router.get("/pipelines/{id}", response_model=Pipeline)
def get_pipeline(caller: Calling, pipeline_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(pipelines.get(tx, pipeline_id))


@router.patch("/pipelines/{id}", response_model=Pipeline)
def edit_pipeline(change: Changing, pipeline_id: PathId, body: PipelineChange, version: ExpectedVersion) -> Response:
    return change.make(lambda tx: _edit(tx, pipeline_id, body, version))


@router.delete("/pipelines/{id}", status_code=204)
def delete_pipeline(change: Changing, pipeline_id: PathId) -> Response:
    """Remove a pipeline that holds no deals."""
    return change.drop(lambda tx: pipelines.delete(tx, pipeline_id))


@router.post("/pipelines/{id}/stages", response_model=Pipeline)
def add_stage(change: Changing, pipeline_id: PathId, body: StageGiven) -> Response:
    """One more open stage, after the last open one; the pipeline as it then is."""
    return change.make(
        lambda tx: pipelines.add_stage(
            tx, pipeline_id, body.name, probability=body.probability, colour=body.colour, category=body.category
        )
    )


@router.patch("/pipelines/{id}/stages/{stage_id}", response_model=Pipeline)
def edit_stage(change: Changing, pipeline_id: PathId, stage_id: StageId, body: StageChange) -> Response:
    return change.make(lambda tx: _edit_stage(tx, pipeline_id, stage_id, body))


@router.get("/pipelines/{id}/rules", response_model=Rules)
def get_rules(caller: Calling, pipeline_id: PathId) -> Response:
    """A rule is asked when a deal arrives in a stage, by whatever way, and never of those that stand in it."""
    with caller.reading() as tx:
        found = pipelines.get(tx, pipeline_id)
        requirements = pipelines.rules_of(tx, found)
        return shown(
            Rules(
                winners=found.winners,
                winner_ids=pipelines.winners(tx, pipeline_id),
                stages=[StageRules(stage_id=stage_id, asks_for=rules) for stage_id, rules in requirements.items()],
                choices=pipelines.choices(tx),
            )
        )


@router.get("/pipelines/{id}/health", response_model=HealthSettings)
def get_pipeline_health(caller: Calling, pipeline_id: PathId) -> Response:
    """How many points each penalty takes off, and what the score is worth on the pipeline's own history."""
    with caller.reading() as tx:
        return shown(_health_settings(tx, pipeline_id))


@router.put("/pipelines/{id}/health", response_model=HealthSettings)
def set_pipeline_health(change: Changing, pipeline_id: PathId, body: Weights) -> Response:
    """Give penalties other weights; those that are left out keep theirs."""
    return change.make(lambda tx: _weigh(tx, pipeline_id, body))


@router.put("/pipelines/{id}/winners", response_model=Pipeline)
def set_winners(change: Changing, pipeline_id: PathId, body: Winners) -> Response:
    return change.make(lambda tx: pipelines.let_win(tx, pipeline_id, body.who, body.user_ids))


@router.put("/pipelines/{id}/stages/{stage_id}/requirements", response_model=Pipeline)
def set_requirements(change: Changing, pipeline_id: PathId, stage_id: StageId, body: Asked) -> Response:
    return change.make(lambda tx: _require_fields(tx, pipeline_id, stage_id, body))


@router.delete("/pipelines/{id}/stages/{stage_id}", response_model=Pipeline)
def remove_stage(
    change: Changing,
    pipeline_id: PathId,
    stage_id: StageId,
    deals_to: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="The stage that takes its deals.")] = None,
) -> Response:
    return change.make(lambda tx: _remove_stage(tx, pipeline_id, stage_id, deals_to))


@router.get("/pipeline-templates")
def list_pipeline_templates(caller: Calling) -> Listed[Template]:
    with caller.reading():
        return whole(pipelines.templates())


@router.get("/close-reasons")
def list_close_reasons(caller: Calling, kind: Literal["won", "lost"]) -> Listed[CloseReason]:
    with caller.reading() as tx:
        return whole(deals.close_reasons(tx, kind))


def _create(tx: Writing, body: PipelineGiven) -> Pipeline:
    if (body.template is None) == (body.stages is None):
        raise Invalid("Give either stages or a template.", "stages")
    if body.template is not None:
        return pipelines.create_from_template(tx, body.template, name=body.name)
    stages = [NewStage(**stage.model_dump()) for stage in body.stages or ()]
    return pipelines.create(tx, body.name or "", stages)


def _edit(tx: Writing, pipeline_id: int, body: PipelineChange, version: int | None) -> Pipeline:
    pipelines.require_shaping(tx)  # a change that names no field, too
    found = pipelines.get(tx, pipeline_id)
    if version is not None and version != found.version:
        raise Stale(f"“{found.name}” was changed since you read it.", known_version=version, current=found.model_dump())
    if "name" in body.model_fields_set:
        found = pipelines.rename(tx, pipeline_id, body.name)
    if "stage_order" in body.model_fields_set:
        found = pipelines.reorder_stages(tx, pipeline_id, body.stage_order)
    return found


def _edit_stage(tx: Writing, pipeline_id: int, stage_id: int, body: StageChange) -> Pipeline:
    pipelines.require_shaping(tx)
    found = _with_stage(tx, pipeline_id, stage_id)
    if "name" in body.model_fields_set:
        found = pipelines.rename_stage(tx, stage_id, body.name)
    if "colour" in body.model_fields_set:
        found = pipelines.recolour_stage(tx, stage_id, body.colour)
    if "probability" in body.model_fields_set:
        found = pipelines.set_probability(tx, stage_id, body.probability)
    if "category" in body.model_fields_set:
        found = pipelines.set_category(tx, stage_id, body.category)
    if "limit_days" in body.model_fields_set:
        found = pipelines.set_limit(tx, stage_id, body.limit_days)
    return found


def _require_fields(tx: Writing, pipeline_id: int, stage_id: int, body: Asked) -> Pipeline:
    _with_stage(tx, pipeline_id, stage_id)
    return pipelines.require_fields(tx, stage_id, body.fields)


def _health_settings(tx: Reading, pipeline_id: int) -> HealthSettings:
    pipelines.get(tx, pipeline_id)
    return HealthSettings(weights=health.weights(tx, pipeline_id), worth=evaluations.of_pipeline(tx, pipeline_id))


def _weigh(tx: Writing, pipeline_id: int, body: Weights) -> HealthSettings:
    health.set_weights(tx, pipeline_id, {penalty.value: weight for penalty, weight in body.weights.items()})
    return _health_settings(tx, pipeline_id)


def _remove_stage(tx: Writing, pipeline_id: int, stage_id: int, deals_to: int | None) -> Pipeline:
    _with_stage(tx, pipeline_id, stage_id)
    return deals.remove_stage(tx, stage_id, deals_to=deals_to)


def _with_stage(tx: Reading, pipeline_id: int, stage_id: int) -> Pipeline:
    """The pipeline. Raises NotFound where the stage is none of its own."""
    found = pipelines.get(tx, pipeline_id)
    found.stage(stage_id)
    return found
