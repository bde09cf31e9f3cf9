"""Changes of many records at once: looked at first, made whole, taken back whole."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field

from crm.api.callers import Calling
from crm.api.changes import Changing
from crm.api.segments import parsed
from crm.api.shapes import Body, Day, Id, Listed, PathId, shown, whole
from crm.foundation.errors import Invalid
from crm.records import bulk, segments
from crm.records.bulk import Action, BulkChange, Change, Kind, Left, Outlook, Preview, Undone
from crm.records.bulk.verbs import MOST_PICKED
from crm.records.listing import ListQuery
from crm.store import Reading

router = APIRouter(prefix="/bulk-changes", tags=["bulk changes"])


class BulkGiven(Body):
    """Which records, by any of `filter`, `search`, `segment_id` and `ids`, and what is to be done to them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "contacts", "action": "add_label", "label": "VIP", "search": "aurora", "expected": 12}
            ]
        }
    )

    kind: Kind
    action: Action
    label: str | None = Field(None, max_length=40, description="Of `add_label`, which makes it, and `remove_label`.")
    owner_id: Id | None = Field(None, description="Of `set_owner`; null takes the owner away.")
    company_id: Id | None = Field(None, description="Of `set_company`; null takes the company away.")
    stage_id: Id | None = Field(None, description="Of `move`: an open stage.")
    on: Day | None = Field(
        None,
        description="Of `win` and `lose`: the closing day; of `set_status` to paid: the day of payment of orders "
        "that have none. Today where it is left out.",
    )
    reason_id: Id | None = Field(None, description="Of `win` and `lose`: one of `/close-reasons`.")
    note: str | None = Field(None, max_length=2000, description="Of `win` and `lose`, which needs it or a reason.")
    status: str | None = Field(None, max_length=40, description="Of `set_status`: a status of orders.")
    linked_kind: str | None = Field(
        None, max_length=60, description="Of `link` and `unlink`: `contact`, `deal` or the slug of a custom type."
    )
    linked_id: Id | None = Field(None, description="Of `link` and `unlink`: the record of that kind.")
    link_label: str | None = Field(None, max_length=40, description="Of `link`: one of the custom type's link labels.")
    linked_on: Day | None = Field(None, description="Of `link`.")
    filter: dict[str, Any] | None = Field(None, description="The filter language.")
    search: str = Field("", max_length=200)
    segment_id: Id | None = None
    ids: list[Id] | None = Field(None, max_length=MOST_PICKED)
    expected: int | None = Field(
        None,
        ge=0,
        description="How many records match, as a preview said: refused where it is another number by now. Needed "
        "where nothing narrows the list.",
    )

    def change(self) -> Change:
        return Change(**self.model_dump(include=set(Change.model_fields)))

    def list_query(self, tx: Reading) -> ListQuery:
        picked = tuple(self.ids) if self.ids is not None else None
        query = ListQuery(filter=parsed(self.filter), search=self.search, ids=picked)
        return segments.narrowed(tx, self.kind, query, self.segment_id)

    def refuse_everything(self) -> None:
        """Raise Invalid for a change of all records, unless the number of expected ones shows that it is meant."""
        narrowed = self.filter is not None or self.search.strip() or self.segment_id or self.ids is not None
        # More often a program has left its filter out than anybody means every record.
        if not narrowed and self.expected is None:
            raise Invalid(f"This would change all {self.kind}. If you mean that, say how many you expect.", "expected")


@router.post("/preview", response_model=Preview)
def preview_bulk_change(caller: Calling, body: BulkGiven) -> Response:
    """What it would do now. Nothing is written."""
    with caller.reading() as tx:
        return shown(bulk.preview(tx, body.kind, body.list_query(tx), body.change()))


@router.post("", status_code=201, response_model=BulkChange)
def make_bulk_change(change: Changing, body: BulkGiven) -> Response:
    body.refuse_everything()
    return change.create(
        "bulk_change",
        lambda tx: bulk.apply(tx, body.kind, body.list_query(tx), body.change(), expected=body.expected),
    )


@router.get("", response_model=Listed[BulkChange])
def list_bulk_changes(caller: Calling) -> Response:
    """The last two hundred of one's own, or of everybody for those who see everything."""
    with caller.reading() as tx:
        return shown(whole(bulk.find(tx)))


@router.get("/{id}", response_model=BulkChange)
def get_bulk_change(caller: Calling, change_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(bulk.get(tx, change_id))


@router.get("/{id}/undo", response_model=Outlook)
def preview_bulk_undo(caller: Calling, change_id: PathId) -> Response:
    """What taking it back would do now. Nothing is written."""
    with caller.reading() as tx:
        return shown(bulk.outlook(tx, change_id))


@router.post("/{id}/undo", response_model=Undone)
def undo_bulk_change(change: Changing, change_id: PathId) -> Response:
    """Every record that nothing else has touched since is put back; the others are left as they are and listed."""
    return change.make(lambda tx: bulk.undo(tx, change_id))


@router.get("/{id}/left", response_model=Listed[Left])
def list_left_by_undo(
    caller: Calling,
    change_id: PathId,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """The records that taking it back has left as they are, and why."""
    with caller.reading() as tx:
        found = bulk.get(tx, change_id)
        return shown(Listed[Left](items=bulk.left(tx, change_id, limit, offset), total=found.left, next=None))


@router.get("/{id}/refused", response_model=Listed[Left])
def list_refused(
    caller: Calling,
    change_id: PathId,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """The records that matched and that the change was not made to, and why."""
    with caller.reading() as tx:
        found = bulk.get(tx, change_id)
        return shown(Listed[Left](items=bulk.refused(tx, change_id, limit, offset), total=found.refused, next=None))
