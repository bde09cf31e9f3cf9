"""What a list says: what it can be sorted by, where its search box looks, how many there are."""

from typing import Any

from crm.foundation.access import Actor
from crm.records import listing, lists
from crm.records.declaration import RecordType
from crm.records.field_kinds import KINDS
from crm.records.fields import Field, FieldKind
from crm.records.filters import FieldType
from crm.store import Reading
from crm.ui.lists.layout import ListLayout

_FIRST_ASKED = {
    FieldType.DATE: ("-", "newest first"),
    FieldType.MOMENT: ("-", "newest first"),
    FieldType.NUMBER: ("-", "highest first"),
    FieldType.MONEY: ("-", "highest first"),
}
"""Which way round people ask for first, and how that is called; the others are sorted from A to Z."""


def sorts(tx: Reading, layout: ListLayout) -> dict[str, str]:
    """Words of the address to words for people, the default first: the layout's, then the declared ones that it leaves
    out."""
    of = layout.of
    possible = listing.sorts(tx, lists.source(of))
    named = {word.removeprefix("-") for word in layout.sorts}
    further = dict(
        _sort(key, field) for key, field in of.fields.items() if field.sort and key.removesuffix("_id") not in named
    )
    every = {**layout.sorts, **further}
    first = next(iter(layout.sorts), of.default_sort)
    return {word: every[word] for word in sorted(every, key=first.__ne__) if word.removeprefix("-") in possible}


def _sort(key: str, field: Field) -> tuple[str, str]:
    kind = FieldType.TEXT if field.kind is FieldKind.REFERENCE else KINDS[field.kind].filter_type
    sign, how = _FIRST_ASKED.get(kind, ("", ""))
    return f"{sign}{key.removesuffix('_id')}", f"{field.label}, {how}" if how else field.label


def placeholder(actor: Actor, layout: ListLayout) -> str:
    """Of the search box: “Name or domain”, “Name, email, phone”."""
    fields = [layout.of.fields[key] for key in (*layout.of.searched_fields, *layout.searched_too)]
    labels = [one.label for one in fields if one.module is None or actor.has(one.module)]
    rest = [label if label.isupper() else label.lower() for label in labels[1:]]
    return (" or " if len(rest) == 1 else ", ").join([*labels[:1], *rest]) or "Search"


def many(number: int, of: RecordType[Any]) -> str:
    """1 contact, 1,200 contacts."""
    return f"{number:,} {of.key if number == 1 else of.plural}"
