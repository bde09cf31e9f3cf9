"""Checklist templates, which are applied to deals; their items are due a number of days later.

They take the same permission as changing pipelines: both affect everybody.
"""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel, Field

from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.foundation.language import tr
from crm.records.checklists.items import MOST_ITEMS
from crm.records.checklists.lists import insert as insert_list
from crm.records.checklists.model import Checklist, checked_name, checked_text, get, require_deals
from crm.store import Reading, Writing
from crm.store.events import changed
from crm.store.kept import kept

MOST_DAYS = 3650


class TemplateItem(BaseModel, frozen=True):
    text: str
    due_days: int | None = Field(None, ge=0, le=MOST_DAYS)
    """Days after the template is applied; 0 is the same day."""


class Template(BaseModel, frozen=True):
    id: int
    name: str
    items: tuple[TemplateItem, ...]
    version: int


@kept
def templates(tx: Reading) -> list[Template]:
    """All templates, by name."""
    return _found(tx)


def template(tx: Reading, template_id: int, *, version: int | None = None) -> Template:
    found = _found(tx, template_id)
    if not found:
        raise NotFound(tr("template of a checklist"))
    if version is not None and version != found[0].version:
        raise Stale(
            tr("Somebody changed “{name}” since you opened it. Look at it, then try again.", name=found[0].name),
            known_version=version,
            current=found[0].model_dump(),
        )
    return found[0]


def create_template(tx: Writing, name: str, items: Sequence[TemplateItem]) -> Template:
    _require(tx)
    stored_name, checked_items = checked_name(name, tr("A template needs a name.")), _checked(items)
    _refuse_taken(tx, stored_name)
    template_id = tx.insert(
        """
        INSERT INTO base.checklist_templates (name, created_by, created_at)
        VALUES ($name, $actor, $now)
        RETURNING id
        """,
        name=stored_name,
        actor=tx.actor.id,
        now=tx.now,
    )
    _insert_items(tx, template_id, checked_items)
    tx.record("checklist_template.created", "checklist_template", template_id, name=stored_name)
    return template(tx, template_id)


def change_template(
    tx: Writing,
    template_id: int,
    *,
    name: str | None = None,
    items: Sequence[TemplateItem] | None = None,
    version: int | None = None,
) -> Template:
    """Change name, items, or both. Checklists made from it before stay as they are."""
    _require(tx)
    before = template(tx, template_id, version=version)
    new_name = before.name if name is None else checked_name(name, tr("A template needs a name."))
    new_items = before.items if items is None else _checked(items)
    if (new_name, new_items) == (before.name, before.items):
        return before
    _refuse_taken(tx, new_name, but=template_id)
    tx.run(
        "UPDATE base.checklist_templates SET name = $name, version = version + 1 WHERE id = $id",
        name=new_name,
        id=template_id,
    )
    if new_items != before.items:
        # Nothing refers to a template's items by id, so they are replaced as a whole.
        tx.run("DELETE FROM base.checklist_template_items WHERE template_id = $id", id=template_id)
        _insert_items(tx, template_id, new_items)
    tx.record(
        "checklist_template.changed",
        "checklist_template",
        template_id,
        changes=changed(
            {"name": before.name, "items": [item.text for item in before.items]},
            {"name": new_name, "items": [item.text for item in new_items]},
        ),
    )
    return template(tx, template_id)


def delete_template(tx: Writing, template_id: int, *, version: int | None = None) -> Template:
    """Delete a template for good; it as it was. Checklists made from it stay."""
    _require(tx)
    deleted = template(tx, template_id, version=version)
    tx.run("DELETE FROM base.checklist_template_items WHERE template_id = $id", id=template_id)
    tx.run("DELETE FROM base.checklist_templates WHERE id = $id", id=template_id)
    tx.record("checklist_template.deleted", "checklist_template", template_id, name=deleted.name)
    return deleted


def apply(tx: Writing, deal_id: int, template_id: int) -> Checklist:
    """Add a checklist to the deal with the template's name and items; due dates count from today."""
    require_deals(tx)
    applied = template(tx, template_id)
    checklist_id, name = insert_list(tx, deal_id, applied.name)
    days = [None if item.due_days is None else tx.today + timedelta(days=item.due_days) for item in applied.items]
    tx.run(
        """
        INSERT INTO base.checklist_items (checklist_id, deal_id, text, position, due_on, created_at)
        SELECT $checklist_id, $deal_id, text, position, day, $now
        FROM (
            SELECT
                unnest($texts::VARCHAR[]) AS text,
                unnest($days::DATE[]) AS day,
                generate_subscripts($texts::VARCHAR[], 1) AS position
        )
        ORDER BY position
        """,
        checklist_id=checklist_id,
        deal_id=deal_id,
        texts=[item.text for item in applied.items],
        days=days,
        now=tx.now,
    )
    tx.record("checklist.applied", "deal", deal_id, checklist_id=checklist_id, checklist=name, template_id=template_id)
    return get(tx, checklist_id)


def _require(tx: Writing) -> None:
    require_deals(tx)
    if not tx.actor.shapes(Module.CRM):
        raise Forbidden(tr("{name} may not change templates. A manager or an administrator can.", name=tx.actor.name))


def _checked(items: Sequence[TemplateItem]) -> tuple[TemplateItem, ...]:
    if not items:
        raise Invalid(tr("A template needs at least one item."), "items")
    if len(items) > MOST_ITEMS:
        raise Invalid(tr("A template has at most {most} items.", most=MOST_ITEMS), "items")
    for item in items:
        if item.due_days is not None and not 0 <= item.due_days <= MOST_DAYS:
            raise Invalid(
                tr("An item is due 0 to {most:,} days after the template is applied.", most=MOST_DAYS),
                "due_days",
            )
    return tuple(item.model_copy(update={"text": checked_text(item.text)}) for item in items)


def _insert_items(tx: Writing, template_id: int, items: Sequence[TemplateItem]) -> None:
    for position, item in enumerate(items, start=1):
        tx.run(
            "INSERT INTO base.checklist_template_items VALUES ($template_id, $position, $text, $due_days)",
            template_id=template_id,
            position=position,
            text=item.text,
            due_days=item.due_days,
        )


def _refuse_taken(tx: Writing, name: str, but: int | None = None) -> None:
    taken = tx.rows(
        "SELECT id FROM checklist_templates WHERE lower(name) = lower($name) AND id IS DISTINCT FROM $but",
        name=name,
        but=but,
    )
    if taken:
        raise Invalid(tr("There is already a template called “{name}”. Give this one another name.", name=name), "name")


def _found(tx: Reading, template_id: int | None = None) -> list[Template]:
    rows = tx.rows(
        """
        SELECT id, name, version
        FROM checklist_templates
        WHERE $id IS NULL OR id = $id
        ORDER BY lower(name)
        """,
        id=template_id,
    )
    items: dict[int, list[TemplateItem]] = {}
    for row in tx.rows(
        """
        SELECT template_id, text, due_days
        FROM checklist_template_items
        WHERE $id IS NULL OR template_id = $id
        ORDER BY template_id, position
        """,
        id=template_id,
    ):
        items.setdefault(row["template_id"], []).append(TemplateItem(text=row["text"], due_days=row["due_days"]))
    return [Template(**row, items=tuple(items.get(row["id"], ()))) for row in rows]
