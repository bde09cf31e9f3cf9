"""The columns of a type's files: their headers, by words that an import recognises, and their SQL."""

from collections.abc import Sequence
from typing import Any

from crm.foundation.access import Actor
from crm.records import references, registry
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Field, Reference, Target

LABELS = "Labels"
LAST = {"created_at": "Created at", "updated_at": "Updated at"}
"""Columns that only the store sets come last, after the attributes."""


def headers(of: RecordType[Any]) -> dict[str, str]:
    """{key of a field or of the labels: header}, in the order of files, whichever modules are on."""
    keys = [*of.fields, *((of.labels_field,) if of.labels_field else ())]
    ordered = [key for key in (*of.columns, *keys) if key not in LAST]
    found = {key: LABELS if key == of.labels_field else _header(of.fields[key]) for key in dict.fromkeys(ordered)}
    return {key: header for key, header in found.items() if key == of.labels_field or of.fields[key].exported}


def own(of: RecordType[Any], actor: Actor) -> dict[str, str]:
    """{header: SQL} of the type's own columns for this actor. The SQL reads the tables of `joins`."""
    found = {}
    for key, header in headers(of).items():
        if key == of.labels_field:
            found[header] = "labelled.names"
        elif _is_there(of.fields[key], actor):
            found[header] = _sql(of, key)
    return found


def last(of: RecordType[Any]) -> dict[str, str]:
    return {header: of.sql(key) for key, header in LAST.items()}


def joins(of: RecordType[Any], actor: Actor) -> str:
    """The joins that the columns need in addition to those of the list."""
    found = [
        _called(field, f"{of.row}.{field.column}", _word(key))
        for key, field in _exported_references(of, actor).items()
        if _is_called(field)
    ]
    found += [
        references.join(field, of.row, references.alias(key))
        for key, field in _exported_references(of, actor).items()
        if key not in of.name_fields and not _is_called(field)
    ]
    return "\n".join([*found, _labels(of)] if of.has(Trait.LABELS) else found)


def _header(field: Field) -> str:
    return field.header or field.label


def _is_there(field: Field, actor: Actor) -> bool:
    return field.module is None or actor.has(field.module)


def _exported_references(of: RecordType[Any], actor: Actor) -> dict[str, Reference]:
    return {key: one for key, one in of.references.items() if one.exported and _is_there(one, actor)}


def _sql(of: RecordType[Any], key: str) -> str:
    field = of.fields[key]
    if not isinstance(field, Reference):
        return of.sql(key)
    if _is_called(field):
        return f"{_word(key)}.word"
    if isinstance(field.to, Target):
        return f"{references.alias(key)}.{field.to.name}"
    return _first_that_is_filled(registry.get(field.to), references.alias(key))


def _first_that_is_filled(to: RecordType[Any], alias: str) -> str:
    """SQL of the first non-empty key or name, for a type whose files are matched by key before name."""
    words: Sequence[str] = tuple(dict.fromkeys((*to.uniques, *to.title)))
    columns = [f"{alias}.{to.fields[key].column}" for key in words]
    return columns[0] if len(columns) == 1 else f"coalesce({', '.join(columns)})"


def _word(key: str) -> str:
    return f"{references.alias(key)}_called"


def _is_called(field: Reference) -> bool:
    """Whether an import looks the field's record up by name first, and refuses an ambiguous name."""
    return bool(field.to.key if isinstance(field.to, Target) else registry.get(field.to).found_by_name)


def _called(field: Reference, owner: str, alias: str) -> str:
    """SQL of a record's name where it is unambiguous, else of its key."""
    to = references.target(field)
    keys = [to.key] if isinstance(field.to, Target) else [key.column for key in registry.get(field.to).uniques.values()]
    # Keys count as names, too: an import that looks up this name must not find another record by its key.
    claims = "\nUNION ALL ".join(f"SELECT id, lower({key}) FROM {to.view} WHERE {key} IS NOT NULL" for key in keys)
    word = ", ".join(f"one.{column}" for column in (*keys, to.name))
    return f"""
        LEFT JOIN (
            SELECT one.id, if(claim.many = 1, one.{to.name}, coalesce({word})) AS word
            FROM {to.view} AS one
            JOIN (
                SELECT words, count(DISTINCT id) AS many
                FROM (SELECT id, lower({to.name}) AS words FROM {to.view} UNION ALL {claims})
                GROUP BY words
            ) AS claim ON claim.words = lower(one.{to.name})
        ) AS {alias} ON {alias}.id = {owner}
    """


def _labels(of: RecordType[Any]) -> str:
    return rf"""
        LEFT JOIN (
            SELECT
                link.{of.key}_id AS id,
                string_agg(replace(replace(label.name, '\', '\\'), ';', '\;'), '; ' ORDER BY label.name_key) AS names
            FROM base.{of.key}_labels AS link  -- of records that the visible list beside it holds
            JOIN base.labels AS label ON label.id = link.label_id
            GROUP BY link.{of.key}_id
        ) AS labelled ON labelled.id = {of.row}.id
    """
