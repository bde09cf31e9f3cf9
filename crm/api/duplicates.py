"""Duplicates: pairs of records that may be one, scans for them, and decisions on many at once."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import Calling
from crm.api.changes import Changing
from crm.api.shapes import Body, Id, Listed, PathId, shown
from crm.records import duplicates
from crm.records.duplicates import Pair, PairQuery, Run
from crm.records.listing import MOST_ROWS
from crm.records.type_words import Compared
from crm.store import Writing

router = APIRouter(prefix="/duplicates", tags=["duplicates"])

Kind = Annotated[str, Compared()]


class DuplicatesQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = "contact"
    least_score: int = Field(0, ge=0, le=99, description="Scores are 50 to 99.")
    reason: str = Field("", max_length=40, description="One of the reasons that a pair gives.")
    search: str = Field("", max_length=200, description="Words in one of the two.")
    limit: int = Field(50, ge=1, le=MOST_ROWS)
    cursor: str = Field("", max_length=100, description="The `next` of the page before.")


class ScanGiven(Body):
    kind: Kind = "contact"


class MergeAllGiven(Body):
    """The pairs that are meant, as in the list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "contact", "least_score": 95}]})

    kind: Kind = "contact"
    least_score: int = Field(95, ge=50, le=99)
    reason: str | None = Field(None, max_length=40)


class PairGiven(Body):
    left_id: Id
    right_id: Id


class ApartGiven(Body):
    kind: Kind = "contact"
    pairs: list[PairGiven] = Field(min_length=1, max_length=500)


class Apart(BaseModel):
    """How many of the pairs were not marked as not duplicates before."""

    told_apart: int


@router.get("", response_model=Listed[Pair])
def list_duplicates(caller: Calling, query: Annotated[DuplicatesQuery, Query()]) -> Response:
    """What the last scan found, the likeliest first: pairs of which the user sees both."""
    with caller.reading() as tx:
        found = duplicates.find(
            tx,
            PairQuery(
                query.kind,
                query.least_score,
                query.reason or None,
                query.search,
                query.limit,
                after=query.cursor or None,
            ),
        )
        return shown(Listed[Pair](items=found.items, total=found.total, next=found.next))


@router.post("/scan", response_model=Run)
def scan_duplicates(change: Changing, body: ScanGiven) -> Response:
    """Compare all records of a kind, in the background."""
    return change.make(lambda tx: duplicates.scan(tx, body.kind))


@router.post("/merge", response_model=Run)
def merge_duplicates(change: Changing, body: MergeAllGiven) -> Response:
    """Merge every pair of at least this score, in the background: of each, the record that says more stays, and takes
    what only the other one says."""
    return change.make(lambda tx: duplicates.merge_all(tx, PairQuery(body.kind, body.least_score, body.reason)))


@router.post("/dismiss", response_model=Apart)
def dismiss_duplicates(change: Changing, body: ApartGiven) -> Response:
    """Say that these are two: no scan brings them up again."""
    return change.make(lambda tx: _dismiss(tx, body))


@router.get("/runs/{id}", response_model=Run)
def get_duplicate_run(caller: Calling, run_id: PathId) -> Response:
    """A scan, or a merge of many, as far as it is."""
    with caller.reading() as tx:
        return shown(duplicates.get(tx, run_id))


@router.post("/runs/{id}/cancel", response_model=Run)
def cancel_duplicate_run(change: Changing, run_id: PathId) -> Response:
    """Stop before the next pair; what is merged stays merged."""
    return change.make(lambda tx: duplicates.cancel(tx, run_id))


@router.post("/runs/{id}/undo", response_model=Run)
def undo_duplicate_run(change: Changing, run_id: PathId) -> Response:
    """Take back, in the background, every merge of the run that stands."""
    return change.make(lambda tx: duplicates.unmerge_all(tx, run_id))


def _dismiss(tx: Writing, body: ApartGiven) -> Apart:
    pairs = [(pair.left_id, pair.right_id) for pair in body.pairs]
    return Apart(told_apart=duplicates.mark_distinct(tx, body.kind, pairs))
