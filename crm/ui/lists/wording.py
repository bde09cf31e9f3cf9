"""The words of a list: of its sorts, its search box, and how many records there are."""

from typing import Any

from crm.foundation.access import Actor
from crm.records import listing, lists
from crm.records.declaration import RecordType
from crm.records.field_kinds import KINDS
from crm.records.fields import FieldKind
from crm.records.filters import FieldType
from crm.store import Reading
from crm.ui.lists.layout import ListLayout

_USUAL_FIRST = {
    FieldType.DATE: ("-", "newest first"),
    FieldType.MOMENT: ("-", "newest first"),
    FieldType.NUMBER: ("-", "highest first"),
    FieldType.MONEY: ("-", "highest first"),
}
"""{type: sign and words of the direction that is offered}; the others are sorted from A to Z."""


def sorts(tx: Reading, layout: ListLayout) -> dict[str, str]:
    """{word of the address: words for people} of the sorts, the default first: the layout's, then the declared ones
    that it leaves out."""
    of = layout.of
    possible = listing.sorts(tx, lists.source(of))
    named = {word.removeprefix("-") for word in layout.sorts}
    further = dict(_sort(of, key) for key, field in of.fields.items() if field.sort and of.short_key(key) not in named)
    every = {**layout.sorts, **further}
    first = next(iter(layout.sorts), of.default_sort)
    return {word: every[word] for word in sorted(every, key=first.__ne__) if word.removeprefix("-") in possible}


def _sort(of: RecordType[Any], key: str) -> tuple[str, str]:
    field = of.fields[key]
    kind = FieldType.TEXT if field.kind is FieldKind.REFERENCE else KINDS[field.kind].filter_type
    sign, how = _USUAL_FIRST.get(kind, ("", ""))
    return f"{sign}{of.short_key(key)}", f"{field.label}, {how}" if how else field.label


def placeholder(actor: Actor, layout: ListLayout) -> str:
    """Of the search box: “Name or domain”, “Name, email, phone”."""
    of = layout.of
    searched = sorted(of.searched_fields, key=of.title[0].__ne__)  # the title first, stably
    fields = [of.fields[key] for key in (*searched, *layout.searched_too)]
    labels = [one.label for one in fields if one.module is None or actor.has(one.module)]
    rest = [label if label.isupper() else label.lower() for label in labels[1:]]
    return (" or " if len(rest) == 1 else ", ").join([*labels[:1], *rest]) or "Search"


def many(number: int, of: RecordType[Any]) -> str:
    """1 contact, 1,200 contacts."""
    return f"{number:,} {of.key if number == 1 else of.plural}"
