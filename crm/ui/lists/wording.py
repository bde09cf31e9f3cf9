"""The words of a list: of its sorts, its search box, and how many records there are."""

from typing import Any

from crm.foundation.access import Actor
from crm.foundation.language import later, tr
from crm.records import listing, lists
from crm.records.declaration import RecordType
from crm.records.field_kinds import KINDS
from crm.records.fields import FieldKind
from crm.records.filters import FieldType
from crm.store import Reading
from crm.ui.lists.layout import ListLayout

_USUAL_FIRST = {
    FieldType.DATE: ("-", later("newest first")),
    FieldType.MOMENT: ("-", later("newest first")),
    FieldType.NUMBER: ("-", later("highest first")),
    FieldType.MONEY: ("-", later("highest first")),
}
"""{type: sign and words of the direction that is offered}; the others are sorted from A to Z."""


def sorts(tx: Reading, layout: ListLayout) -> dict[str, str]:
    """{word of the address: words for people} of the sorts, the default first: the layout's, then the declared ones
    that it leaves out."""
    of = layout.of
    possible = listing.sorts(tx, lists.source(of))
    named = {word.removeprefix("-") for word in layout.sorts}
    further = dict(_sort(of, key) for key, field in of.fields.items() if field.sort and of.short_key(key) not in named)
    every = {**{word: tr(label) for word, label in layout.sorts.items()}, **further}
    first = next(iter(layout.sorts), of.default_sort)
    return {word: every[word] for word in sorted(every, key=first.__ne__) if word.removeprefix("-") in possible}


def _sort(of: RecordType[Any], key: str) -> tuple[str, str]:
    field = of.fields[key]
    kind = FieldType.TEXT if field.kind is FieldKind.REFERENCE else KINDS[field.kind].filter_type
    sign, how = _USUAL_FIRST.get(kind, ("", ""))
    label = tr(field.label)
    return f"{sign}{of.short_key(key)}", f"{label}, {tr(how)}" if how else label


def placeholder(actor: Actor, layout: ListLayout) -> str:
    """Of the search box: “Name or domain”, “Name, email, phone”."""
    of = layout.of
    searched = sorted(of.searched_fields, key=of.title[0].__ne__)  # the title first, stably
    fields = [of.fields[key] for key in (*searched, *layout.searched_too)]
    labels = [tr(one.label) for one in fields if one.module is None or actor.has(one.module)]
    rest = [label if label.isupper() else label.lower() for label in labels[1:]]
    if len(rest) == 1:
        return tr("{first} or {last}", first=labels[0], last=rest[0])
    return ", ".join([*labels[:1], *rest]) or tr("Search")


def many(number: int, of: RecordType[Any]) -> str:
    """1 contact, 1,200 contacts."""
    return tr("{count:,} {kinds}", count=number, kinds=of.one if number == 1 else of.many)
