"""What only deals do: their way over the board, and how they end."""

from fastapi import Response
from pydantic import BaseModel, Field

from crm import deals
from crm.api import records
from crm.api.callers import MAY_WRITE, Calling
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import Body, Day, Id, Listed, PathId, shown, whole
from crm.deals import DEAL, Deal, Movement, health
from crm.deals.health import Health

router = records.router(DEAL)


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


@router.post("/{id}/move", response_model=Deal)
def move_deal(change: Changing, deal_id: PathId, body: Move, version: ExpectedVersion) -> Response:
    """To another stage, another place in its stage, or another pipeline. A closed deal is reopened by it."""
    return change.make(
        lambda tx: deals.move(
            tx, deal_id, to_stage=body.stage_id, before=body.before, after=body.after, version=version
        )
    )


@router.post("/{id}/win", response_model=Deal)
def win_deal(change: Changing, deal_id: PathId, version: ExpectedVersion, body: Win | None = None) -> Response:
    return change.make(lambda tx: deals.win(tx, deal_id, version=version, **(body or Win()).given()))


@router.post("/{id}/lose", response_model=Deal)
def lose_deal(change: Changing, deal_id: PathId, body: Lose, version: ExpectedVersion) -> Response:
    return change.make(lambda tx: deals.lose(tx, deal_id, version=version, **body.given()))


@router.post("/{id}/reopen", response_model=Deal)
def reopen_deal(change: Changing, deal_id: PathId, version: ExpectedVersion, body: Reopen | None = None) -> Response:
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
