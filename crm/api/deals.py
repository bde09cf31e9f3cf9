"""Deals: their fields, their way over the board, and how they end."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from crm import deals
from crm.api.callers import MAY_WRITE, Calling, needs
from crm.api.changes import Changing, Seen
from crm.api.shapes import Amount, Attributes, Body, Day, Id, Listed, ListParams, PathId, shown, whole
from crm.deals import Deal, Movement, health
from crm.deals.health import Health
from crm.foundation.access import Module
from crm.store import Writing

router = APIRouter(prefix="/deals", tags=["deals"], dependencies=[Depends(needs(Module.CRM))])

Priority = Literal["low", "medium", "high"]


class DealChange(Body):
    """`labels`, where given, are all that the deal is to have; new ones are made."""

    title: str = Field("", examples=["Twelve reading lamps"])
    identifier: str | None = Field(None, description="Your own key for the deal; no two deals share one.")
    value: Amount | None = None
    currency: str = Field("", examples=["BRL"])
    contact_id: Id | None = None
    company_id: Id | None = None
    owner_id: Id | None = None
    team_id: Id | None = None
    priority: Priority | None = None
    expected_close: Day | None = None
    source: str | None = None
    labels: list[str] = Field([], max_length=50)
    attributes: Attributes = Field({})

    def fields(self) -> dict[str, Any]:
        return {name: value for name, value in self.given().items() if name != "labels"}


class DealGiven(DealChange):
    """Left out, the stage is the pipeline's first, the owner you, and the currency the workspace's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"title": "Twelve reading lamps", "pipeline_id": 1, "value": "1250.00", "currency": "BRL"}]
        }
    )

    title: str
    pipeline_id: Id
    stage_id: Id | None = None


class Move(Body):
    """On top of the stage, unless it goes above the deal `before` or below the deal `after`."""

    stage_id: Id
    before: Id | None = None
    after: Id | None = None


class Win(Body):
    on: Day | None = Field(
        None,
        description="The closing day, today where it is left out; not before the deal's last movement, nor to come.",
    )
    reason_id: Id | None = Field(None, description="One of `/close-reasons?kind=won`.")
    note: str | None = None


class Lose(Body):
    """Why must be said: a reason, a note, or both."""

    on: Day | None = Field(
        None,
        description="The closing day, today where it is left out; not before the deal's last movement, nor to come.",
    )
    reason_id: Id | None = Field(None, description="One of `/close-reasons?kind=lost`.")
    note: str | None = None


class Reopen(Body):
    stage_id: Id | None = Field(None, description="An open stage; left out, the one it last stood in.")


class Standing(BaseModel):
    health: Health | None


@router.get("", response_model=Listed[Deal])
def list_deals(caller: Calling, asked: Annotated[ListParams, Query()]) -> Response:
    with caller.reading() as tx:
        return shown(asked.page(tx, deals.find, Deal))


@router.post("", status_code=201, response_model=Deal)
def create_deal(change: Changing, body: DealGiven) -> Response:
    return change.create("deal", lambda tx: _labelled(tx, deals.create(tx, **body.fields()), body))


@router.get("/{id}", response_model=Deal)
def get_deal(caller: Calling, deal_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(deals.get(tx, deal_id))


@router.patch("/{id}", response_model=Deal)
def edit_deal(change: Changing, deal_id: PathId, body: DealChange, version: Seen) -> Response:
    """Another value or currency of a deal that has closed is a correction (`deal.corrected` in its history): its
    closing and the reports keep the value that it closed at. To have another one counted, reopen the deal and close it
    anew."""
    return change.make(lambda tx: _labelled(tx, deals.edit(tx, deal_id, version=version, **body.fields()), body))


@router.delete("/{id}", status_code=204)
def delete_deal(change: Changing, deal_id: PathId, version: Seen) -> Response:
    """Into the bin, from which it can be restored for 30 days."""
    return change.drop(lambda tx: deals.delete(tx, deal_id, version=version))


@router.post("/{id}/restore", response_model=Deal)
def restore_deal(change: Changing, deal_id: PathId) -> Response:
    return change.make(lambda tx: deals.restore(tx, deal_id))


@router.post("/{id}/move", response_model=Deal)
def move_deal(change: Changing, deal_id: PathId, body: Move, version: Seen) -> Response:
    """To another stage, another place in its stage, or another pipeline. A closed deal is reopened by it."""
    return change.make(
        lambda tx: deals.move(
            tx, deal_id, to_stage=body.stage_id, before=body.before, after=body.after, version=version
        )
    )


@router.post("/{id}/win", response_model=Deal)
def win_deal(change: Changing, deal_id: PathId, version: Seen, body: Win | None = None) -> Response:
    return change.make(lambda tx: deals.win(tx, deal_id, version=version, **(body or Win()).given()))


@router.post("/{id}/lose", response_model=Deal)
def lose_deal(change: Changing, deal_id: PathId, body: Lose, version: Seen) -> Response:
    return change.make(lambda tx: deals.lose(tx, deal_id, version=version, **body.given()))


@router.post("/{id}/reopen", response_model=Deal)
def reopen_deal(change: Changing, deal_id: PathId, version: Seen, body: Reopen | None = None) -> Response:
    to_stage = body.stage_id if body else None
    return change.make(lambda tx: deals.reopen(tx, deal_id, to_stage=to_stage, version=version))


@router.put("/{id}/following", status_code=204, dependencies=MAY_WRITE)
def follow_deal(change: Changing, deal_id: PathId) -> Response:
    """Be told when somebody wins it, though it is not yours."""
    return change.drop(lambda tx: deals.follow(tx, deal_id))


@router.delete("/{id}/following", status_code=204, dependencies=MAY_WRITE)
def unfollow_deal(change: Changing, deal_id: PathId) -> Response:
    return change.drop(lambda tx: deals.unfollow(tx, deal_id))


@router.get("/{id}/health", response_model=Standing)
def get_deal_health(caller: Calling, deal_id: PathId) -> Response:
    """How an open deal is, with every penalty, its figures and the last touch; null for one that is closed."""
    with caller.reading() as tx:
        return shown(Standing(health=health.of(tx, deal_id)))


@router.get("/{id}/history")
def get_deal_history(caller: Calling, deal_id: PathId) -> Listed[Movement]:
    """Every stage the deal stood in, oldest first, and how long it stood there."""
    with caller.reading() as tx:
        return whole(deals.movements(tx, deal_id))


def _labelled(tx: Writing, deal: Deal, body: DealChange) -> Deal:
    return deals.set_labels(tx, deal.id, body.labels) if "labels" in body.model_fields_set else deal
