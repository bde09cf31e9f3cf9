"""Resolves references: the name of the record that a field points to, if the actor may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from crm.foundation.language import tr
from crm.records import registry
from crm.records.declaration import RecordType
from crm.records.fields import Reference, Target
from crm.store import Reading, Row, Writing
from crm.store.kept import kept


def target(field: Reference) -> Target:
    """The target of a reference; for a record type, its visible view and its title."""
    if isinstance(field.to, Target):
        return field.to
    of = registry.get(field.to)
    return Target(of.key, of.plural, of.title_sql())


def called(field: Reference) -> str:
    """What the field refers to, inside a sentence: team, company."""
    return tr(field.to.label) if isinstance(field.to, Target) else registry.get(field.to).one


@kept
def choices(tx: Reading, field: Reference) -> dict[int, str]:
    """{id: name} of the records that a new value may refer to. For references with few options."""
    to = target(field)
    rows = tx.rows(f"SELECT id, {to.name} AS name FROM {to.view} WHERE {to.condition or 'true'} ORDER BY name, id")
    return {row["id"]: row["name"] for row in rows}


@dataclass(frozen=True)
class Lookup:
    """The names that a row refers to, as far as they are known, and how the others are read."""

    known: dict[str, str | None]
    """{field of a name: the name}; None where there is none, or the actor may not see it."""
    queries: tuple[str, ...]
    """SQL of the others, each with the columns `field` and `name`. One by one by their keys: one join over all of them
    takes twice the time to plan (measured)."""
    params: dict[str, object]


def lookup(tx: Reading, of: RecordType[Any], row: Row) -> Lookup:
    """The names of the records that a row of this type refers to."""
    known = {name: _name_of_few(tx, of.references[key], row[key]) for name, key in of.names.items()}
    asked = {
        name: (key, sql)
        for name, key in of.names.items()
        if known[name] is None and row[key] is not None and (sql := _name_by_id(tx, of.references[key], key))
    }
    queries = tuple(f"SELECT '{name}' AS field, {sql}" for name, (_, sql) in asked.items())
    return Lookup(known, queries, {key: row[key] for key, _ in asked.values()})


def name(tx: Reading, field: Reference, record_id: int | None) -> str | None:
    """The name of the record that the field refers to; None where there is none, or the actor may not see it."""
    found = _name_of_few(tx, field, record_id)
    if found is None and record_id is not None and (sql := _name_by_id(tx, field, "id")):
        found = tx.value(f"SELECT {sql}", id=record_id)
    return found


def _name_of_few(tx: Reading, field: Reference, record_id: int | None) -> str | None:
    """People, teams, pipelines, stages: few, so they are read together and kept. A change keeps nothing, and looks up
    the one by `_name_by_id`."""
    if record_id is None or not isinstance(field.to, Target) or isinstance(tx, Writing):
        return None
    return names_of(tx, field.to.view).get(record_id)


def _name_by_id(tx: Reading, field: Reference, parameter: str) -> str | None:
    """`SELECT` of it gives the name of the record with the id of this parameter; None where no query can."""
    to = target(field)
    if isinstance(field.to, Target):
        return f"{to.name} AS name FROM {to.view} WHERE id = ${parameter}" if isinstance(tx, Writing) else None
    if not field.shown_with:
        return f"{to.name} AS name FROM {to.view} WHERE id = ${parameter}"
    if not registry.get(field.to).is_on(tx.actor):
        return None
    # The base table saves the view's privacy check (1.4 ms a point read, through a view 3.5), but has the bin, too.
    return f"CASE WHEN deleted_at IS NULL THEN {to.name} END AS name FROM base.{to.view} WHERE id = ${parameter}"


def names_of(tx: Reading, view: str) -> Mapping[int, str]:
    """{id: name} of all rows of the view of a `Target`."""
    return _names(tx)[view]


@kept
def _names(tx: Reading) -> Mapping[str, Mapping[int, str]]:
    """{view: {id: name}} of all rows of the targets that record types refer to."""
    targets = {
        field.to.view: field.to
        for of in registry.types().values()
        for field in of.references.values()
        if isinstance(field.to, Target)
    }
    names: dict[str, dict[int, str]] = {view: {} for view in targets}
    parts = [f"SELECT '{to.view}' AS view, id, {to.name} AS name FROM {to.view}" for to in targets.values()]
    for row in tx.rows(" UNION ALL ".join(parts)):
        names[row["view"]][row["id"]] = row["name"]
    return MappingProxyType({view: MappingProxyType(of_view) for view, of_view in names.items()})


def counts(tx: Reading, label: str, target_id: int) -> dict[str, int]:
    """{plural of a record type: number of its records that refer to this row of the `Target` with this label}, without
    zeros."""
    found: dict[str, int] = {}
    for of in registry.types().values():
        fields = [one for one in of.references.values() if isinstance(one.to, Target) and one.to.label == label]
        for field in fields:
            # base: a record in the bin could be restored to point to what is gone.
            sql = f"SELECT count(*) FROM base.{of.plural} WHERE {field.column} = $id"
            found[of.plural] = found.get(of.plural, 0) + int(tx.value(sql, id=target_id))
    return {plural: many for plural, many in found.items() if many}


def alias(key: str) -> str:
    """The alias under which a list joins the record that the field with this key refers to."""
    return key.removesuffix("_id")


def join(field: Reference, record: str, alias: str) -> str:
    """The join by which a list reads the other record, under this alias."""
    return f"LEFT JOIN {target(field).view} AS {alias} ON {alias}.id = {record}.{field.column}"


def name_sql(field: Reference, alias: str) -> str:
    """The SQL expression of the name that `join` reads."""
    if isinstance(field.to, Target):
        return f"{alias}.{field.to.name}"
    return registry.get(field.to).title_sql(alias)
