"""Quotes that were made of a deal's lines: numbered, as they were, and as PDF."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field

from crm.api.callers import Calling, needs
from crm.api.changes import Changing
from crm.api.shapes import LARGEST_ID, Body, Day, Listed, PathId, shown, whole
from crm.deals import quote
from crm.deals.quote import Quote
from crm.foundation.access import Module
from crm.platform import letterhead, workspace

router = APIRouter(prefix="/deals/{id}/quotes", tags=["lines"], dependencies=[Depends(needs(Module.CRM))])

QuoteId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


class QuoteGiven(Body):
    """Valid for some days or until a day; 30 days where neither is said."""

    valid_days: int | None = Field(None, ge=0, le=quote.MOST_DAYS, examples=[15])
    valid_until: Day | None = None
    note: str | None = Field(None, max_length=2000, description="Printed below the lines.")


@router.get("", response_model=Listed[Quote])
def list_quotes(caller: Calling, deal_id: PathId) -> Response:
    """The newest first."""
    with caller.reading() as tx:
        return shown(whole(quote.issued(tx, deal_id)))


@router.post("", status_code=201, response_model=Quote)
def issue_quote(change: Changing, deal_id: PathId, body: QuoteGiven) -> Response:
    """Of the lines as they are now; what changes later does not change it."""
    return change.create("quote", lambda tx: quote.issue(tx, deal_id, **body.given()))


@router.get("/{quote_id}", response_model=Quote)
def get_quote(caller: Calling, deal_id: PathId, quote_id: QuoteId) -> Response:
    with caller.reading() as tx:
        return shown(quote.get_quote(tx, deal_id, quote_id))


@router.get("/{quote_id}/pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def print_quote(caller: Calling, deal_id: PathId, quote_id: QuoteId) -> Response:
    """In the language of the person whose token it is."""
    with caller.reading() as tx:
        found = quote.get_quote(tx, deal_id, quote_id)
        place, paper, language = workspace.get(tx), letterhead.get(tx, found.letterhead_id), tx.actor.language
    return Response(
        quote.printed(found, place.name, language, paper),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{quote.file_name(found)}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
