"""Companies: whom contacts work for and deals are with."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from crm import companies
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, Seen
from crm.api.shapes import Attributes, Body, Id, Listed, ListParams, PathId, shown
from crm.companies import Company
from crm.foundation.access import Module

router = APIRouter(prefix="/companies", tags=["companies"], dependencies=[Depends(needs(Module.COMPANIES))])


class CompanyChange(Body):
    name: str = ""
    domain: str | None = Field(None, description="Or an address in it; kept as the bare host; unique.")
    description: str | None = None
    owner_id: Id | None = None
    team_id: Id | None = None
    attributes: Attributes = Field({})


class CompanyGiven(CompanyChange):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Lanterna", "domain": "lanterna.example.com"}]})

    name: str


@router.get("", response_model=Listed[Company])
def list_companies(caller: Calling, asked: Annotated[ListParams, Query()]) -> Response:
    with caller.reading() as tx:
        return shown(asked.page(tx, companies.find, Company))


@router.post("", status_code=201, response_model=Company)
def create_company(change: Changing, body: CompanyGiven) -> Response:
    return change.create("company", lambda tx: companies.create(tx, **body.given()))


@router.get("/{id}", response_model=Company)
def get_company(caller: Calling, company_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(companies.get(tx, company_id))


@router.patch("/{id}", response_model=Company)
def edit_company(change: Changing, company_id: PathId, body: CompanyChange, version: Seen) -> Response:
    return change.make(lambda tx: companies.edit(tx, company_id, version=version, **body.given()))


@router.delete("/{id}", status_code=204)
def delete_company(change: Changing, company_id: PathId, version: Seen) -> Response:
    """Into the bin, from which it can be restored for 30 days. Its domain is free at once."""
    return change.drop(lambda tx: companies.delete(tx, company_id, version=version))


@router.post("/{id}/restore", response_model=Company)
def restore_company(change: Changing, company_id: PathId) -> Response:
    return change.make(lambda tx: companies.restore(tx, company_id))
