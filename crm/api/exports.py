"""Whole lists as files."""

from typing import Annotated, BinaryIO

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from crm import exports
from crm.api.callers import Calling
from crm.api.outgoing import OutgoingFile
from crm.exports import Format
from crm.platform import files, process
from crm.records import filters, registry, segments
from crm.records.declaration import Trait
from crm.records.listing import ListQuery
from crm.records.type_words import PluralOf

Kind = Annotated[str, PluralOf(Trait.EXPORT)]

router = APIRouter(prefix="/exports", tags=["exports"])

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


class ExportQuery(BaseModel):
    """As a list is asked for; an export has no pages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filter: str = Field("", description="The filter language as JSON.")
    search: str = Field("", max_length=200)
    sort: str = "-created_at"
    segment: int | None = Field(None, ge=1, description="The id of a segment: only what it holds.")
    ids: str = Field("", max_length=100_000, description="Ids of records with commas between: only these.")


@router.get(
    "/{kind}.{format}",
    response_class=FileResponse,
    responses={200: {"content": {media_type: {} for media_type in MEDIA_TYPES.values()}}},
)
def export_list(caller: Calling, kind: Kind, format: Format, query: Annotated[ExportQuery, Query()]) -> FileResponse:
    """What the user sees of a list, in the columns that an import reads back."""
    list_query = ListQuery(filter=filters.parse(query.filter), search=query.search, sort=query.sort)

    def write(target: BinaryIO) -> None:
        with caller.exporting() as tx:
            exports.write(tx, kind, format, segments.narrowed(tx, kind, list_query, query.segment, query.ids), target)

    # A file first, so that a list which cannot be read is refused with a status, not cut off in the middle.
    path = files.outgoing(process.store(), f".{format}", write)
    return OutgoingFile(path, media_type=MEDIA_TYPES[format], filename=f"{registry.by_plural(kind).file_stem}.{format}")
