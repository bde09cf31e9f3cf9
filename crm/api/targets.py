"""Sales targets. Everybody who sees the CRM reads everybody's, pipelines', their own and their teams'; managers and
administrators read and set all."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import Calling, needs
from crm.api.changes import Changing
from crm.api.shapes import LARGEST_ID, Amount, Body, Id, Listed, PathId, whole
from crm.foundation.access import Module
from crm.reports import targets
from crm.reports.targets import Span, Subject, Target

router = APIRouter(prefix="/targets", tags=["targets"], dependencies=[Depends(needs(Module.CRM))])

SpanText = Annotated[str, Field(max_length=10, description="A month or a quarter.", examples=["2026-03", "2026-Q1"])]


class TargetGiven(Body):
    """Of one owner, one team or one pipeline; of everybody where none is given. In the workspace's currency."""

    owner_id: Id | None = None
    team_id: Id | None = None
    pipeline_id: Id | None = None
    period: SpanText
    amount: Amount


class TargetsQuery(BaseModel):
    """Left out, nothing is narrowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: int | None = Field(None, ge=1, le=LARGEST_ID)
    team: int | None = Field(None, ge=1, le=LARGEST_ID)
    pipeline: int | None = Field(None, ge=1, le=LARGEST_ID)
    period: SpanText = ""

    def takes(self, target: Target, span: Span | None) -> bool:
        subject = target.subject
        asked = ((self.owner, subject.owner_id), (self.team, subject.team_id), (self.pipeline, subject.pipeline_id))
        return all(wanted is None or wanted == given for wanted, given in asked) and span in (None, target.span)


class TargetShown(BaseModel):
    """`currency` was the workspace's when the target was set; forecasts count those in its present one."""

    id: int
    owner_id: int | None
    owner_name: str | None
    team_id: int | None
    team_name: str | None
    pipeline_id: int | None
    pipeline_name: str | None
    period: str
    amount: Decimal
    currency: str
    set_by: int
    set_at: datetime

    @classmethod
    def of(cls, target: Target) -> "TargetShown":
        return cls(
            **target.model_dump(exclude={"subject", "span"}),
            **target.subject.model_dump(),
            period=str(target.span),
        )


@router.get("")
def list_targets(caller: Calling, query: Annotated[TargetsQuery, Query()]) -> Listed[TargetShown]:
    """The latest periods first."""
    span = Span.parse(query.period) if query.period else None
    with caller.reading() as tx:
        return whole([TargetShown.of(target) for target in targets.all_of(tx) if query.takes(target, span)])


@router.put("", response_model=TargetShown)
def set_target(change: Changing, body: TargetGiven) -> Response:
    """It takes the place of the target that the period has. 422 where it overlaps with another: a quarter has a target
    of its own, or those of its months."""
    subject = Subject(owner_id=body.owner_id, team_id=body.team_id, pipeline_id=body.pipeline_id)
    return change.make(lambda tx: TargetShown.of(targets.set_target(tx, subject, Span.parse(body.period), body.amount)))


@router.delete("/{id}", status_code=204)
def delete_target(change: Changing, target_id: PathId) -> Response:
    return change.drop(lambda tx: targets.delete(tx, target_id))
