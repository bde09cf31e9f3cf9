"""Checklists: named lists of things to do on a deal, and templates of such lists."""

from crm.records.checklists.arranging import arrange
from crm.records.checklists.items import MOST_ITEMS, add_item, assignable, edit_item, remove_item, tick, untick
from crm.records.checklists.lists import add, remove, rename
from crm.records.checklists.model import LONGEST, Checklist, Item, get, item, of
from crm.records.checklists.templates import (
    MOST_DAYS,
    Template,
    TemplateItem,
    apply,
    change_template,
    create_template,
    delete_template,
    template,
    templates,
)

__all__ = [
    "LONGEST",
    "MOST_DAYS",
    "MOST_ITEMS",
    "Checklist",
    "Item",
    "Template",
    "TemplateItem",
    "add",
    "add_item",
    "apply",
    "arrange",
    "assignable",
    "change_template",
    "create_template",
    "delete_template",
    "edit_item",
    "get",
    "item",
    "of",
    "remove",
    "remove_item",
    "rename",
    "template",
    "templates",
    "tick",
    "untick",
]
