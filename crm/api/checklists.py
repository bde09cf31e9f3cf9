"""Checklists on deals, their items, and the templates that checklists are made from."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from crm.api.callers import Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import Body, Day, Id, Listed, PathId, shown, whole
from crm.foundation.access import Module
from crm.records import checklists
from crm.records.checklists import LONGEST, MOST_DAYS, MOST_ITEMS, Checklist, Item, Template, TemplateItem

router = APIRouter(tags=["checklists"], dependencies=[Depends(needs(Module.CRM))])

Name = Annotated[str, Field(max_length=80, examples=["Before the contract"])]
Text = Annotated[str, Field(max_length=LONGEST, examples=["Call the lawyer"])]
DueDays = Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)]


class ListGiven(Body):
    name: Name


class ListChange(Body):
    name: Name = ""


class ItemGiven(Body):
    text: Text
    due_on: Day | None = None
    assignee_id: Id | None = Field(None, description="An active user who sees the deal; they are told.")


class ItemChange(Body):
    text: Text = ""
    due_on: Day | None = None
    assignee_id: Id | None = None


class OrderedList(Body):
    id: Id
    items: list[Id] = Field([], max_length=1_000)


class Order(Body):
    """Lists in order, and the items of each in order: an item may have come from another list of the deal. What is
    not named stays in its list, after what is."""

    lists: list[OrderedList] = Field(max_length=100)


class Applied(Body):
    template_id: Id


class TemplateItemGiven(Body):
    text: Text
    due_days: DueDays | None = Field(None, description="Days from the one on which the template is applied.")


class TemplateGiven(Body):
    name: Name
    items: list[TemplateItemGiven] = Field(max_length=MOST_ITEMS)


class TemplateChange(Body):
    name: Name = ""
    items: list[TemplateItemGiven] = Field([], max_length=MOST_ITEMS)


@router.get("/deals/{id}/checklist", response_model=Listed[Checklist])
def list_checklists(caller: Calling, deal_id: PathId) -> Response:
    """The checklists of the deal with their items, in order."""
    with caller.reading() as tx:
        return shown(whole(checklists.of(tx, deal_id)))


@router.post("/deals/{id}/checklist", status_code=201, response_model=Checklist)
def add_checklist(change: Changing, deal_id: PathId, body: ListGiven) -> Response:
    return change.create("checklist", lambda tx: checklists.add(tx, deal_id, body.name))


@router.post("/deals/{id}/checklist/apply", status_code=201, response_model=Checklist)
def apply_checklist_template(change: Changing, deal_id: PathId, body: Applied) -> Response:
    """A checklist with the name and the items of a template, due so many days from today."""
    return change.create("checklist", lambda tx: checklists.apply(tx, deal_id, body.template_id))


@router.post("/deals/{id}/checklist/order", response_model=Listed[Checklist])
def order_checklists(change: Changing, deal_id: PathId, body: Order) -> Response:
    order = {checklist.id: checklist.items for checklist in body.lists}
    return change.make(lambda tx: whole(checklists.arrange(tx, deal_id, order)))


@router.get("/checklists/{id}", response_model=Checklist)
def get_checklist(caller: Calling, checklist_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(checklists.get(tx, checklist_id))


@router.patch("/checklists/{id}", response_model=Checklist)
def rename_checklist(change: Changing, checklist_id: PathId, body: ListChange) -> Response:
    return change.make(lambda tx: checklists.rename(tx, checklist_id, body.name))


@router.delete("/checklists/{id}", status_code=204)
def remove_checklist(change: Changing, checklist_id: PathId) -> Response:
    """With its items, for good."""
    return change.drop(lambda tx: checklists.remove(tx, checklist_id))


@router.post("/checklists/{id}/items", status_code=201, response_model=Item)
def add_checklist_item(change: Changing, checklist_id: PathId, body: ItemGiven) -> Response:
    """At the end of the list."""
    return change.create("checklist-item", lambda tx: checklists.add_item(tx, checklist_id, **body.given()))


@router.get("/checklist-items/{id}", response_model=Item)
def get_checklist_item(caller: Calling, item_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(checklists.item(tx, item_id))


@router.patch("/checklist-items/{id}", response_model=Item)
def edit_checklist_item(change: Changing, item_id: PathId, body: ItemChange, version: ExpectedVersion) -> Response:
    return change.make(lambda tx: checklists.edit_item(tx, item_id, version=version, **body.given()))


@router.delete("/checklist-items/{id}", status_code=204)
def remove_checklist_item(change: Changing, item_id: PathId, version: ExpectedVersion) -> Response:
    """For good."""
    return change.drop(lambda tx: checklists.remove_item(tx, item_id, version=version))


@router.post("/checklist-items/{id}/tick", response_model=Item)
def tick_checklist_item(change: Changing, item_id: PathId) -> Response:
    """Done, now and by you. It makes no version of the deal, nor of the item."""
    return change.make(lambda tx: checklists.tick(tx, item_id))


@router.post("/checklist-items/{id}/untick", response_model=Item)
def untick_checklist_item(change: Changing, item_id: PathId) -> Response:
    return change.make(lambda tx: checklists.untick(tx, item_id))


@router.get("/checklist-templates", response_model=Listed[Template])
def list_checklist_templates(caller: Calling) -> Response:
    with caller.reading() as tx:
        return shown(whole(checklists.templates(tx)))


@router.post("/checklist-templates", status_code=201, response_model=Template)
def create_checklist_template(change: Changing, body: TemplateGiven) -> Response:
    """Managers and administrators may."""
    items = _items(body.items)
    return change.create("checklist-template", lambda tx: checklists.create_template(tx, body.name, items))


@router.get("/checklist-templates/{id}", response_model=Template)
def get_checklist_template(caller: Calling, template_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(checklists.template(tx, template_id))


@router.patch("/checklist-templates/{id}", response_model=Template)
def change_checklist_template(
    change: Changing, template_id: PathId, body: TemplateChange, version: ExpectedVersion
) -> Response:
    """The items are replaced as a whole. Checklists that were made from it stay as they are."""
    given = body.given()
    if "items" in given:
        given["items"] = _items(body.items)
    return change.make(lambda tx: checklists.change_template(tx, template_id, version=version, **given))


@router.delete("/checklist-templates/{id}", status_code=204)
def delete_checklist_template(change: Changing, template_id: PathId, version: ExpectedVersion) -> Response:
    return change.drop(lambda tx: checklists.delete_template(tx, template_id, version=version))


def _items(given: list[TemplateItemGiven]) -> list[TemplateItem]:
    return [TemplateItem(text=item.text, due_days=item.due_days) for item in given]
