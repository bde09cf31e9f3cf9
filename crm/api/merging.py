"""The routes by which records of a type that are one are merged, and a merge is taken back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from crm.api.callers import Calling
from crm.api.changes import Changing, ExpectedVersion
from crm.api.paths import words
from crm.api.shapes import Body, Id, Listed, PathId, Route, shown, whole
from crm.records import merging, reading, registry
from crm.records.declaration import RecordType


class MergeGiven(Body):
    """The record at this address stays; `absorbed_id` goes into it, with everything that belongs to it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"absorbed_id": 17, "take": {"email": 17, "attribute:size": 12}}]}
    )

    absorbed_id: Id
    absorbed_version: int | None = Field(None, description="Refused with 412 where that record has another by now.")
    take: dict[str, Id] = Field(
        {},
        max_length=300,
        description="Field (or `attribute:<key>`) → the id of that one of the two whose value is taken. A field that "
        "is not named keeps the value of the record that stays, or takes the other one's where it has none.",
    )


class PreviewGiven(Body):
    absorbed_id: Id
    take: dict[str, Id] = Field({}, max_length=300, description="As of a merge.")


class UnmergeGiven(Body):
    merge_id: Id


class MergeShown(BaseModel):
    """A merge that stands."""

    id: int
    survivor_id: int
    survivor_name: str
    absorbed_id: int
    absorbed_name: str
    actor_name: str
    created_at: datetime


def routes(of: RecordType[Any]) -> Iterable[Route]:
    previewed = _previewed(of)

    def merge(change: Changing, record_id: PathId, body: MergeGiven, version: ExpectedVersion) -> Response:
        return change.make(lambda tx: merging.merge(tx, of.key, record_id, version=version, **body.model_dump()))

    def preview(caller: Calling, record_id: PathId, body: PreviewGiven) -> Response:
        with caller.reading() as tx:
            planned = merging.preview(tx, of.key, record_id, body.absorbed_id, body.take)
            return shown(previewed.model_validate(planned, from_attributes=True))

    def list_merges(caller: Calling, record_id: PathId) -> Response:
        with caller.reading() as tx:
            reading.get(tx, registry.get(of.key), record_id)
            return shown(_listed(merging.merges_into(tx, of.key, record_id)))

    def unmerge(change: Changing, record_id: PathId, body: UnmergeGiven) -> Response:
        return change.make(lambda tx: merging.unmerge(tx, of.key, body.merge_id, survivor_id=record_id))

    one, _ = words(of)
    yield Route(
        "POST",
        "/{id}/merge",
        f"merge_{one}",
        merge,
        of.record,
        about="Into one. It is the same as the preview, and can be undone.",
    )
    yield Route(
        "POST",
        "/{id}/merge/preview",
        f"preview_{one}_merge",
        preview,
        previewed,
        about="What a merge would do; it changes nothing.",
    )
    yield Route(
        "GET",
        "/{id}/merges",
        f"list_{one}_merges",
        list_merges,
        Listed[MergeShown],
        about=f"What was merged into the {of.one} and can be undone, the last first.",
    )
    yield Route(
        "POST",
        "/{id}/unmerge",
        f"unmerge_{one}",
        unmerge,
        _apart(of),
        about="Undo one of its merges: both are as they were, but for what was changed since.",
    )


def _previewed(of: RecordType[Any]) -> type[BaseModel]:
    found: type[BaseModel] = create_model(
        f"{of.record.__name__}Preview",
        __module__=__name__,
        __doc__=f"What a merge would make of the {of.one}, but for `version` and `updated_at`, and how many rows of "
        "what move.",
        result=(of.record, ...),
        choices=(list[merging.Choice], ...),
        moves=(dict[str, int], ...),
    )
    return found


def _apart(of: RecordType[Any]) -> type[BaseModel]:
    found: type[BaseModel] = create_model(
        f"{of.record.__name__ if of.custom else of.plural.title().replace('_', '')}Apart",
        __module__=__name__,
        __doc__=f"Both {of.many}, and what was changed since and stays as it is.",
        survivor=(of.record, ...),
        absorbed=(of.record, ...),
        stayed=(list[str], ...),
    )
    return found


def _listed(merges: Sequence[merging.Merge]) -> Listed[MergeShown]:
    return whole([MergeShown.model_validate(merge, from_attributes=True) for merge in merges])
