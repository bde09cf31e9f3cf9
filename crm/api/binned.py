"""The bin: what was deleted in the last 30 days, and the way back."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import Calling
from crm.api.changes import Changing
from crm.api.shapes import Body, Id, Listed, shown
from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.records import bin as the_bin
from crm.records import restoring
from crm.records.declaration import Trait
from crm.records.type_words import KeyOf
from crm.store import Writing

router = APIRouter(prefix="/bin", tags=["bin"])

Kind = Annotated[str, KeyOf(Trait.BIN)]
FURTHEST = 1_000_000


class Binned(BaseModel):
    kind: Kind
    id: int
    shown_name: str
    deleted_at: datetime
    deleted_by: str | None
    """None for what was deleted with many others."""


class BinQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind | None = None
    search: str = Field("", max_length=200, description="A part of the name.")
    limit: int = Field(50, ge=1, le=500)
    cursor: str = Field("", max_length=10, description="The `next` of the page before.")

    @property
    def offset(self) -> int:
        if not self.cursor:
            return 0
        found = bounds.whole(self.cursor)
        if found is None or found > FURTHEST:
            raise Invalid("This is no cursor that the bin has given.", "cursor")
        return found


class Record(Body):
    kind: Kind
    id: Id


class Records(Body):
    records: list[Record] = Field(min_length=1, max_length=restoring.MOST)


class LeftInBin(BaseModel):
    kind: str
    id: int
    why: str


class RestoredShown(BaseModel):
    restored: int
    left: list[LeftInBin]


@router.get("", response_model=Listed[Binned])
def list_bin(caller: Calling, query: Annotated[BinQuery, Query()]) -> Response:
    """The last deleted first."""
    start = query.offset
    with caller.reading() as tx:
        page = the_bin.listed(tx, query.kind, search=query.search, limit=query.limit, offset=start)
    end = start + len(page.items)
    items = [Binned(**row) for row in page.items]
    return shown(Listed(items=items, total=page.total, next=str(end) if end < page.total else None))


@router.post("/restore", response_model=RestoredShown)
def restore_from_bin(change: Changing, body: Records) -> Response:
    """Those that nothing stands in the way of; `left` says why the others stay."""

    def work(tx: Writing) -> RestoredShown:
        done = restoring.restore(tx, [(record.kind, record.id) for record in body.records])
        left = [LeftInBin(kind=one.kind, id=one.id, why=one.why) for one in done.left]
        return RestoredShown(restored=done.count, left=left)

    return change.make(work)
