"""The filter fields of any record type: its fields, labels, attributes and relations."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from crm.foundation.language import later, tr
from crm.records import options, registry
from crm.records.declaration import BelongsTo, HasMany, RecordType, Trait
from crm.records.field_kinds import KINDS
from crm.records.fields import Choice, Field, Money, Reference
from crm.records.filter_context import FilterContext
from crm.records.filters import (
    All,
    Any_,
    FieldSet,
    FieldType,
    Filter,
    Not,
    Related,
    Relation,
    Rule,
    describe,
    mentioned,
    tally,
)
from crm.records.filters import Field as FilterField
from crm.records.kind_names import KindName
from crm.records.links import relations as links
from crm.store import Reading
from crm.store.kept import kept


def fields(tx: Reading, of: RecordType[Any], query: Filter | None = None) -> FieldSet:
    """The filter fields and relations of a type, with the current people, stages, labels and attributes as options.
    Given a filter, only those that it mentions, which is enough to compile it and faster."""
    context = FilterContext(tx, mentioned(query) if query else None)
    own_fields = own(context, of)
    for field in of.related_filters(context) if of.related_filters else ():
        own_fields[field.key] = field
    return FieldSet(own_fields.values(), relations(context, of), plural=of.plural, gone=_gone(context, of))


@kept
def fields_of(tx: Reading, plural: str) -> FieldSet:
    """All `fields` of the type with this plural."""
    return fields(tx, registry.by_plural(plural, refusal=later("“{plural}” cannot be filtered, only {known}.")))


def sentence(tx: Reading, query: Filter | None, plural: str) -> str:
    """The filter of a list in words, as `filters.describe`; records whose numbers it holds are called by their titles,
    where the actor sees them."""
    fields = fields_of(tx, plural)
    numbers: dict[str, set[int]] = {}
    for kind, number in _numbers(query, fields) if query else ():
        numbers.setdefault(kind, set()).add(number)
    if not numbers:
        return describe(query, fields)
    names = {kind: _titles(tx, registry.get(kind), ids) for kind, ids in numbers.items()}
    return describe(query, fields.changed(lambda field: replace(field, options=names.get(field.to, field.options))))


def _numbers(part: Filter, fields: FieldSet) -> Iterator[tuple[str, int]]:
    """The type and the number of each record that the filter names."""
    match part:
        case All(of=parts) | Any_(of=parts):
            for inner in parts:
                yield from _numbers(inner, fields)
        case Not(of=inner):
            yield from _numbers(inner, fields)
        case Related(relation=key, of=parts) if key in fields.relations:
            for inner in parts:
                yield from _numbers(inner, fields.relations[key].field_set)
        case Rule(field=key, value=value) if key in fields and fields[key].to:
            given = value if isinstance(value, tuple) else (value,)
            yield from ((fields[key].to, each) for each in given if isinstance(each, int))


def _titles(tx: Reading, of: RecordType[Any], ids: set[int]) -> dict[int, str]:
    rows = tx.rows(
        f"SELECT id, {of.title_sql()} AS title FROM {of.plural} WHERE id IN (SELECT unnest($ids::BIGINT[]))",
        ids=sorted(ids),
    )
    return {number: str(number) for number in ids} | {row["id"]: row["title"] for row in rows if row["title"]}


def counts(tx: Reading, field_set: FieldSet, parts: Sequence[Filter]) -> list[int]:
    """The number of records that meet each part, in order, by one query over the type of `field_set`."""
    if not parts:
        return []
    of = registry.by_plural(field_set.plural)
    mentioned_fields = fields(tx, of, All(of=tuple(parts)))  # costly views are then read once for all rules
    compiled = tally(parts, mentioned_fields, today=tx.today, time_zone=tx.actor.time_zone)
    found = tx.row(
        f"SELECT {compiled.counts} FROM (SELECT {compiled.lines} FROM {of.plural} AS {of.row})",
        **compiled.params,
    )
    return [int(count) for count in found.values()]


def own(context: FilterContext, of: RecordType[Any]) -> dict[str, FilterField]:
    """The record's own filter fields: fields, labels and attributes."""
    filter_fields: list[FilterField] = []
    for key, field in of.fields.items():
        if field.filtered and (field.module is None or context.tx.actor.has(field.module)):
            filter_fields += _filter_fields(context, of, key, field)
    if of.has(Trait.LABELS):
        within = f"({of.row}.id IN (SELECT {of.key}_id FROM {of.key}_labels WHERE {{condition}}))"
        filter_fields += context.choice("label", tr("Label"), "label_id", options.labels, within)
    filter_fields += of.filters(context) if of.filters else ()
    by_key = {field.key: field for field in filter_fields}
    return by_key | context.attributes(of.key, f"{of.row}.id") if of.has(Trait.ATTRIBUTES) else by_key


def _filter_fields(context: FilterContext, of: RecordType[Any], key: str, field: Field) -> Iterable[FilterField]:
    sql = of.sql(key)
    if isinstance(field, Reference) and field.options:
        return context.choice(key, tr(field.label), sql, field.options)
    filter_type = KINDS[field.kind].filter_type
    values = {value: tr(name) for value, name in field.values.items()} if isinstance(field, Choice) else None
    currency = of.sql(field.currency) if isinstance(field, Money) else ""
    former = field.former if isinstance(field, Choice) else {}
    return [FilterField(key, tr(field.label), filter_type, sql, options=values, former=former, currency=currency)]


def relations(context: FilterContext, of: RecordType[Any]) -> list[Relation]:
    """The relations of a type, without those whose module is off or that the filter does not mention."""
    found = list(of.relations(context) if of.relations else ())
    for children in (link for link in of.links if isinstance(link, HasMany)):
        found += _has_many(context, of, children)
    if of.has(Trait.NOTES) and context.mentions("notes"):
        found.append(_notes(context, of))
    for parent in (link for link in of.links if isinstance(link, BelongsTo)):
        found += _belongs_to(context, of, parent)
    for linked in links.related_types(of):
        if context.mentions(linked.plural) and linked.is_on(context.tx.actor):
            found.append(links.relation(context, of, linked, own(context, linked)))
    return found


def _gone(context: FilterContext, of: RecordType[Any]) -> dict[str, str]:
    """{key of a deleted field or relation that a saved filter may hold: its name}."""
    # To compile a filter nobody needs them: it is refused as what it is, whatever that was called.
    if context.keys is not None:
        return {}
    return links.gone_types(of) | links.gone_fields(context.tx, of)


def _has_many(context: FilterContext, of: RecordType[Any], link: HasMany) -> list[Relation]:
    child = registry.by_plural(link.plural)
    if not context.mentions(child.plural) or not child.is_on(context.tx.actor):
        return []
    return [
        Relation(
            key=child.plural,
            called=child.called,
            table=_through(child, link) if link.through else child.plural,
            alias=child.row,
            owner=f"{of.row}.id",
            child=f"{child.row}.{link.by}",
            fields=own(context, child),
        )
    ]


def _through(child: RecordType[Any], link: HasMany) -> str:
    third = registry.by_plural(link.through)
    to_third = next(field for field in child.references.values() if field.to == third.key)
    return f"""(
        SELECT child.*, third.{link.by}
        FROM {child.plural} AS child
        JOIN {third.plural} AS third ON third.id = child.{to_third.column}
    )"""


def _belongs_to(context: FilterContext, of: RecordType[Any], link: BelongsTo) -> list[Relation]:
    field = of.references[link.by]
    parent = registry.get(str(field.to))
    if not context.mentions(parent.key) or not parent.is_on(context.tx.actor):
        return []
    return [
        Relation(
            key=parent.key,
            called=parent.called,
            table=parent.plural,
            alias=parent.row,
            owner=of.sql(link.by),
            child=f"{parent.row}.id",
            fields=own(context, parent),
            single=True,
        )
    ]


def _notes(context: FilterContext, of: RecordType[Any]) -> Relation:
    author = context.choice("author_id", tr("Author"), "note.author_id", options.people)
    return Relation(
        key="notes",
        called=KindName(later("note"), later("notes")),
        table="notes",
        alias="note",
        owner=f"{of.row}.id",
        child="note.subject_id",
        where=f"note.subject_kind = '{of.key}'",
        fields={field.key: field for field in (*_note_fields(), *author)},
    )


def _note_fields() -> Iterable[FilterField]:
    return (
        FilterField("text", tr("Text"), FieldType.TEXT, "note.text"),
        FilterField("pinned", tr("Pinned"), FieldType.CHECKBOX, "note.pinned"),
        FilterField("created_at", tr("Written"), FieldType.MOMENT, "note.created_at"),
        FilterField("updated_at", tr("Last changed"), FieldType.MOMENT, "note.updated_at"),
    )
