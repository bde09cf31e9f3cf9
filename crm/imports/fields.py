"""What a column of a file may be mapped to, by record type, and the header words by which each is known.

Words are compared without case, accents and punctuation. They cover English and Portuguese and the exports of HubSpot,
Pipedrive, Google, Outlook, Salesforce, Zoho, Odoo, Krayin and Chatwoot.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crm.foundation import identity
from crm.foundation.access import Module
from crm.foundation.language import AroundGiven, capitalized, later
from crm.records import notes, registry
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Day, Field, FieldKind, LongText, Reference, Text
from crm.records.fields import Target as OtherEnd
from crm.records.links import SUBJECTS

LABELS_KEY = "labels"
LABELS = Text(
    label=later("Labels"),
    headers=(
        "labels",
        "label",
        "tags",
        "tag",
        "deal label",
        "deal labels",
        "tag ids",
        "tag name",
        "tag names",
        "category id",
        "etiquetas",
        "etiqueta",
        "marcadores",
    ),
    example="VIP; Newsletter",
)

NOTE_KEY = "note"
NOTE = LongText(
    label=later("Note"),
    limit=notes.LONGEST,
    headers=("note", "notes", "comment", "comments", "remarks", "observacao", "observacoes", "anotacao", "anotacoes",
             "nota", "notas", "comentario", "comentarios"),
)  # fmt: skip

LINKED_TO, LINKED_LABEL, LINKED_DAY = "linked", "link_label", "linked_on"
"""What files of contacts and deals say of their links to the records of a custom type: see `linked_key`."""

MADE_BY_NAME = "company"
"""The type whose records an import may make of nothing but a name, as `Options.make_companies` says."""

SERVICE_COLUMNS = ("rejected line", "rejected reason", "unread line", "unread field", "unread reason")
"""Columns that our own files of rejected rows and unread cells add: read back, they are left out."""

KEPT_IN_MEMORY = 256
"""Types whose targets are kept: a change of a custom type's fields makes another type."""

HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins inside of another: phone|Number, HTTP|Code."""

TIME_ZONE = r"\s*\((?:GMT|UTC|[A-Z]{2,4}T)(?:[+-][\d:]+)?\)\s*$"


@dataclass(frozen=True)
class Target:
    key: str
    """As mappings name it: owner, of owner_id."""
    field: Field
    column: str = ""
    """Of the table; empty where it is no field of the record."""
    several: bool = False
    """Its cells may name several records."""

    @property
    def label(self) -> str:
        return self.field.label

    @property
    def kind(self) -> FieldKind:
        return self.field.kind

    @property
    def words(self) -> tuple[str, ...]:
        return self.field.headers

    @property
    def own_words(self) -> tuple[str, str]:
        """What our own files call it."""
        return plain(self.label), plain(self.field.header or self.label)

    @property
    def example(self) -> str:
        return self.field.example

    @property
    def reference(self) -> Reference | None:
        return self.field if isinstance(self.field, Reference) else None


def all_targets(of: RecordType[Any]) -> dict[str, Target]:
    """Every target of a type by its key, in the order of templates: fields, labels, and columns that are no fields."""
    return _all_targets(of, tuple(registry.custom().values()) if of.key in SUBJECTS else ())


@lru_cache(KEPT_IN_MEMORY)
def _all_targets(of: RecordType[Any], linked: tuple[RecordType[Any], ...]) -> dict[str, Target]:
    own = [(key, field) for key, field in of.fields.items() if field.edited or field.headers]
    # A file holds what people call an owner, never the id: the target of `owner_id` is `owner`.
    found = [Target(of.short_key(key), field, field.column) for key, field in own]
    if of.labels_field:
        found.append(Target(LABELS_KEY, LABELS))
    if of.has(Trait.NOTES) and NOTE_KEY not in of.fields:
        found.append(Target(NOTE_KEY, NOTE))
    found += [Target(key, field) for key, field in of.import_columns.items()]
    found += [target for to in linked for target in _of_links(to)]
    by_key = {target.key: target for target in found}
    return {key: by_key[key] for key in (*of.import_order, *(key for key in by_key if key not in of.import_order))}


def _of_links(to: RecordType[Any]) -> Iterator[Target]:
    """What files of contacts and deals say of the records of a custom type that they are linked to."""
    name = capitalized(to.one)
    yield Target(
        linked_key(to, LINKED_TO),
        Reference(
            label=AroundGiven(later("{record} (linked)"), record=name),
            to=to.key,
            headers=tuple(plain(words) for words in (to.one, to.many, f"{to.one} vinculado", f"{to.one} vinculada")),
            module=Module.OBJECTS,
        ),
        several=True,
    )
    labels = OtherEnd(later("label"), f"(SELECT * FROM link_labels WHERE object_kind = '{to.key}')")
    of_label, of_day = later("{record}: label of the link"), later("{record}: linked on")
    yield Target(
        linked_key(to, LINKED_LABEL),
        Reference(label=AroundGiven(of_label, record=name), to=labels, module=Module.OBJECTS),
    )
    yield Target(linked_key(to, LINKED_DAY), Day(label=AroundGiven(of_day, record=name), module=Module.OBJECTS))


def linked_key(to: RecordType[Any], what: str) -> str:
    """The target of links to a custom type: course_linked, course_link_label, course_linked_on."""
    return f"{to.slug}_{what}"


def targets(of: RecordType[Any], modules: Collection[Module]) -> list[Target]:
    """What a column may be mapped to while these modules are on."""
    gone = gone_keys(of, modules)
    return [found for found in all_targets(of).values() if found.key not in gone]


def gone_keys(of: RecordType[Any], modules: Collection[Module]) -> frozenset[str]:
    """The targets that belong to modules that are off."""
    return frozenset(
        key for key, found in all_targets(of).items() if found.field.module and found.field.module not in modules
    )


def made_by_name(of: RecordType[Any]) -> list[str]:
    """The targets that point to records which may be made of a name."""
    return [key for key, found in all_targets(of).items() if found.reference and found.reference.to == MADE_BY_NAME]


def known_as(of: RecordType[Any], column: str) -> str:
    """The name by which people and the API know a column of the table: owner, of owner_id."""
    return column.removesuffix("_id") if column in of.references else column


def target(of: RecordType[Any], key: str) -> Target | None:
    return all_targets(of).get(key)


def known_by(of: RecordType[Any], header: str) -> Target | None:
    """The target that a header means; None where nothing is known by it."""
    return named(of, header) or next(
        (found for words in spellings(header) for found in all_targets(of).values() if words in found.words), None
    )


def named(of: RecordType[Any], header: str) -> Target | None:
    """The target whose own name the header is, not one of the other words for it."""
    # Our own files come back exactly: a field's own name goes before another's synonym.
    return next(
        (found for words in spellings(header) for found in all_targets(of).values() if words in found.own_words), None
    )


def spellings(header: str) -> tuple[str, ...]:
    """The header in plain words, as it is and with its humps taken apart: “phonenumber”, “phone number”."""
    return tuple(dict.fromkeys((plain(header), plain(HUMPS.sub(" ", header)))))


def plain(header: str) -> str:
    """`E-mail 1 - Value` → `e mail 1 value`, `Create Date (GMT-3)` → `create date`."""
    return re.sub(r"[^a-z0-9]+", " ", identity.folded(re.sub(TIME_ZONE, "", header))).strip()
