"""Generates the views over all record types with a trait: bin, notes, files, attributes, labels, merges.

They are generated from the registry and created with those of crm/store/views, so each covers every registered type. In
schema `visible` they apply owner-based privacy, in `everything` they do not (see crm/store/views/visible.sql).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crm.records import registry
from crm.records.declaration import RecordType, Trait
from crm.records.registry import types_in
from crm.records.subjects import LINKABLE
from crm.store.migrate import in_both_schemas

__all__ = ["of_type", "own", "statements", "types_in"]

Types = Sequence[RecordType[Any]]

SOMEBODY = "getvariable('actor_id') IS NOT NULL"
OWNED = "owner_id = getvariable('actor_id') OR list_contains(getvariable('team_ids'), team_id)"

NO_LINKS = "SELECT * FROM base.links WHERE false"

NOTES = "SELECT * FROM base.notes"
FILES = """SELECT attachment.*, upload.sha256, upload.file_name, upload.size
FROM base.attachments AS attachment
JOIN base.uploads AS upload ON upload.id = attachment.upload_id"""


def statements(types: Types | None = None) -> list[str]:
    """The SQL that creates each view, first those in `visible`; for the registered types, or for these."""
    found = tuple(registry.types().values() if types is None else types)
    return [*(view for of in found for view in own(of)), *_over(found)]


def own(of: RecordType[Any]) -> list[str]:
    """The views of one type's records and bin: what follows a change of its fields. The others read their ids alone."""
    return in_both_schemas(list(of.own_views))


def of_type(of: RecordType[Any]) -> list[str]:
    """The views of one type, and those over all types."""
    return [*own(of), *_over(tuple(registry.types().values()))]


def _over(types: Types) -> list[str]:
    return [
        f"CREATE OR REPLACE VIEW {schema}.{name} AS\n{query}"
        for schema in ("visible", "everything")
        for name, query in _views(types, schema)
    ]


def _views(types: Types, schema: str) -> Iterator[tuple[str, str]]:
    having = {trait: [of for of in types if of.has(trait)] for trait in Trait}
    yield "bin", _union(_bin(of, schema) for of in having[Trait.BIN])
    yield "notes", _on_records(NOTES, having[Trait.NOTES], schema)
    yield "attachments", _on_records(FILES, having[Trait.FILES], schema)
    for of in having[Trait.ATTRIBUTES]:
        yield f"{of.key}_attributes", _attributes(of, schema)
    for of in having[Trait.LABELS]:
        yield f"{of.key}_labels", _labels(of, schema)
    custom = [of for of in types if of.custom]
    for of in custom:
        yield f"{of.key}_links", _links(of, [one for one in types if one.key in LINKABLE], schema)
    yield "links", _union(f"SELECT * FROM {schema}.{of.key}_links" for of in custom) or NO_LINKS
    yield "merges", _union(_merges(of, schema) for of in having[Trait.MERGE])
    yield "distinct_pairs", _union(_distinct_pairs(of, schema) for of in having[Trait.MERGE])
    for of in having[Trait.MERGE]:
        yield f"{of.key}_duplicates", _duplicates(of, schema)


def _bin(of: RecordType[Any], schema: str) -> str:
    return f"SELECT '{of.key}' AS kind, id, {of.title_sql()} AS shown_name, deleted_at FROM {schema}.{of.key}_bin"


def _on_records(select: str, types: Types, schema: str) -> str:
    """The view of a table that names its record by `subject_kind` and `subject_id`."""
    # Nothing is narrowed here, and one scan is faster than a branch for each type.
    if schema == "everything":
        on = "".join(f"\n  AND (subject_kind <> '{of.key}' OR {_is_on(of)})" for of in types if of.module)
        # What is on a record of a custom type that was deleted is kept, but nobody sees it.
        known = ", ".join(f"'{of.key}'" for of in types)
        return f"{select}\nWHERE {SOMEBODY} AND subject_kind IN ({known}){on}"
    # A branch for each type: the engine skips all but one for a record's notes (8 ms, not 65, among a million).
    return _union(
        f"{select}\nWHERE subject_kind = '{of.key}' AND subject_id IN (SELECT id FROM {schema}.{of.plural})"
        for of in types
    )


def _attributes(of: RecordType[Any], schema: str) -> str:
    """The view of a type's attributes, without the renamed columns of deleted ones."""
    visible = SOMEBODY if schema == "everything" else f"id IN (SELECT id FROM {schema}.{of.plural})"
    return f"""SELECT COLUMNS(LAMBDA c: c = 'id' OR starts_with(c, 'a_'))
FROM base.{of.key}_attributes
WHERE {_is_on(of)} AND {visible}"""


def _labels(of: RecordType[Any], schema: str) -> str:
    return f"""SELECT link.{of.key}_id, link.label_id, label.name, label.colour
FROM base.{of.key}_labels AS link
JOIN base.labels AS label ON label.id = link.label_id
WHERE link.{of.key}_id IN (SELECT id FROM {schema}.{of.plural})"""


def _links(of: RecordType[Any], subjects: Types, schema: str) -> str:
    """The view of a custom type's links: for those who see both sides."""
    return _union(
        f"""SELECT * FROM base.links
WHERE object_kind = '{of.key}'
  AND object_id IN (SELECT id FROM {schema}.{of.plural})
  AND subject_kind = '{subject.key}'
  AND subject_id IN (SELECT id FROM {schema}.{subject.plural})"""
        for subject in subjects
    )


def _merges(of: RecordType[Any], schema: str) -> str:
    """The view of merges: for those who see the survivor and saw the absorbed record, because they made the merge or
    owned that record."""
    visible = f"""SELECT * FROM base.merges
WHERE subject_kind = '{of.key}' AND survivor_id IN (SELECT id FROM {schema}.{of.plural})"""
    if schema == "everything":
        return visible
    absorbed = f"absorbed_id IN (SELECT id FROM base.{of.plural} WHERE {OWNED})"
    return f"{visible} AND (created_by = getvariable('actor_id') OR {absorbed})"


def _distinct_pairs(of: RecordType[Any], schema: str) -> str:
    """The view of pairs marked as distinct: for those who see both records."""
    return f"SELECT * FROM base.distinct_pairs\nWHERE subject_kind = '{of.key}'{_both_visible(of, schema)}"


def _duplicates(of: RecordType[Any], schema: str) -> str:
    return f"""SELECT pair.* EXCLUDE (subject_kind)
FROM base.duplicates AS pair
ANTI JOIN base.distinct_pairs AS decided USING (subject_kind, left_id, right_id)
WHERE pair.subject_kind = '{of.key}'{_both_visible(of, schema)}"""


def _both_visible(of: RecordType[Any], schema: str) -> str:
    visible = f"(SELECT id FROM {schema}.{of.plural})"
    return f" AND left_id IN {visible} AND right_id IN {visible}"


def _is_on(of: RecordType[Any]) -> str:
    return f"list_contains(getvariable('modules'), '{of.module}')" if of.module else "true"


def _union(queries: Iterable[str]) -> str:
    return "\nUNION ALL\n".join(queries)
