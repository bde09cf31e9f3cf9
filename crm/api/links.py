"""Links of custom records to contacts and deals, and the labels that links may have."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import ConfigDict, Field

from crm import objects
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.paths import list_path, words
from crm.api.shapes import LARGEST_ID, Body, Day, Id, Listed, PathId, Route, shown, whole
from crm.foundation.access import Module
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.records import links, registry, subjects
from crm.records.declaration import RecordType
from crm.records.links import Link, LinkGroup, LinkLabel
from crm.store import Reading, Writing

router = APIRouter(tags=["links"], dependencies=[Depends(needs(Module.OBJECTS))])

LinkId = Annotated[int, Path(alias="link_id", ge=1, le=LARGEST_ID)]
LabelId = Annotated[int, Path(alias="label_id", ge=1, le=LARGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=500, description="Of each type, the latest first.")]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


class LinkGiven(Body):
    """Where the two are linked already, label and day become those that are given (200)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"subject_kind": "contact", "subject_id": 12, "label": "student"}]}
    )

    subject_kind: Literal["contact", "deal"]
    subject_id: Id
    label: str | None = Field(None, description="One of the type's link labels.")
    linked_on: Day | None = None


class LinkChange(Body):
    label: str | None = None
    linked_on: Day | None = None


class LinkLabelGiven(Body):
    name: str = Field(examples=["student"])


class LinkLabelOrder(Body):
    order: list[Id] = Field(max_length=200, description="Every label of the type once, in the new order.")


def routes(of: RecordType[Any]) -> Iterable[Route]:
    """The routes by which a record of a custom type is linked."""

    def list_links(caller: Calling, record_id: PathId, limit: Limit = 50, offset: Offset = 0) -> Response:
        with caller.reading() as tx:
            subjects.require_visible(tx, of.key, record_id)
            pages = [links.page(tx, of.key, record_id, one, offset=offset, limit=limit) for one in links.SUBJECTS]
            return shown(whole([page for page in pages if page.total]))

    def link(change: Changing, record_id: PathId, body: LinkGiven) -> Response:
        def work(tx: Writing) -> tuple[Link, bool]:
            given = body.given()
            made = links.link(tx, of.key, record_id, given.pop("subject_kind"), given.pop("subject_id"), **given)
            # One that was there already has been changed since it was made, or is as it was.
            return made, made.created_at == tx.now

        return change.upsert(f"{list_path(of)}/{record_id}/links", work)

    def edit(
        change: Changing, record_id: PathId, link_id: LinkId, body: LinkChange, version: ExpectedVersion
    ) -> Response:
        def work(tx: Writing) -> Link:
            _of(tx, of.key, record_id, link_id)
            return links.change(tx, link_id, version=version, **body.given())

        return change.make(work)

    def unlink(change: Changing, record_id: PathId, link_id: LinkId, version: ExpectedVersion) -> Response:
        def work(tx: Writing) -> None:
            _of(tx, of.key, record_id, link_id)
            links.unlink(tx, link_id, version=version)

        return change.drop(work)

    one, _ = words(of)
    about = f"The contacts and deals that the {of.one} is linked to, by their type."
    yield Route("GET", "/{id}/links", f"list_{one}_links", list_links, Listed[LinkGroup], about=about)
    yield Route("POST", "/{id}/links", f"link_{one}", link, Link, status=201)
    yield Route("PATCH", "/{id}/links/{link_id}", f"edit_{one}_link", edit, Link)
    yield Route("DELETE", "/{id}/links/{link_id}", f"unlink_{one}", unlink, None, status=204)


def _of_subject(kind: str) -> Callable[..., Response]:
    def list_links(caller: Calling, record_id: PathId, limit: Limit = 50, offset: Offset = 0) -> Response:
        """The custom records that it is linked to, by their type in the team's order."""
        with caller.reading() as tx:
            groups = links.of_subject(tx, kind, record_id, limit=limit)
            pages = [links.page(tx, kind, record_id, one.kind, offset=offset, limit=limit) for one in groups]
            return shown(whole(pages))

    return list_links


for _kind in links.SUBJECTS:
    router.add_api_route(
        f"{list_path(registry.get(_kind))}/{{id}}/links",
        _of_subject(_kind),
        name=f"list_{_kind}_links",
        summary=f"List {_kind.capitalize()} Links",
        response_model=Listed[LinkGroup],
    )


@router.get("/objects/types/{id}/link-labels", response_model=Listed[LinkLabel])
def list_link_labels(caller: Calling, type_id: PathId) -> Response:
    """What somebody or something can be to the records of the type, in order."""
    with caller.reading() as tx:
        return shown(whole(links.labels(tx, objects.get(tx, type_id).kind)))


@router.post("/objects/types/{id}/link-labels", status_code=201, response_model=LinkLabel)
def add_link_label(change: Changing, type_id: PathId, body: LinkLabelGiven) -> Response:
    return change.create(
        f"/objects/types/{type_id}/link-labels",
        lambda tx: links.add_label(tx, objects.get(tx, type_id).kind, body.name),
    )


@router.post("/objects/types/{id}/link-labels/order", response_model=Listed[LinkLabel])
def reorder_link_labels(change: Changing, type_id: PathId, body: LinkLabelOrder) -> Response:
    return change.make(lambda tx: whole(links.reorder_labels(tx, objects.get(tx, type_id).kind, body.order)))


@router.get("/objects/types/{id}/link-labels/{label_id}", response_model=LinkLabel)
def get_link_label(caller: Calling, type_id: PathId, label_id: LabelId) -> Response:
    with caller.reading() as tx:
        return shown(_label(tx, type_id, label_id))


@router.patch("/objects/types/{id}/link-labels/{label_id}", response_model=LinkLabel)
def rename_link_label(change: Changing, type_id: PathId, label_id: LabelId, body: LinkLabelGiven) -> Response:
    """For every link that has it."""
    return change.make(lambda tx: links.rename_label(tx, _label(tx, type_id, label_id).id, body.name))


@router.delete("/objects/types/{id}/link-labels/{label_id}", status_code=204)
def delete_link_label(
    change: Changing,
    type_id: PathId,
    label_id: LabelId,
    into: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="The label that its links get.")] = None,
) -> Response:
    """The links that have it stay, without a label where `into` names none."""
    return change.drop(lambda tx: links.delete_label(tx, _label(tx, type_id, label_id).id, into=into))


def _of(tx: Reading, kind: str, record_id: int, link_id: int) -> None:
    """Raise NotFound where the link is none of this record's."""
    found = links.get(tx, link_id)
    if (found.object_kind, found.object_id) != (kind, record_id):
        raise NotFound(tr("link between records"))


def _label(tx: Reading, type_id: int, label_id: int) -> LinkLabel:
    found = links.get_label(tx, label_id)
    if found.object_kind != objects.get(tx, type_id).kind:
        raise NotFound(tr("label"))
    return found
