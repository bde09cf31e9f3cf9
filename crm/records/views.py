"""Generates the views over all record types with a trait: bin, notes, files, attributes, labels, merges.

They are written from the registry and laid with those of crm/store/views, so a type added to the registry is in each of
them. In schema `visible` they hold what owner-based privacy leaves the actor, in `everything` what those see who see
all (see crm/store/views/visible.sql).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crm.records import registry
from crm.records.declaration import RecordType, Trait

Types = Sequence[RecordType[Any]]

SOMEBODY = "getvariable('actor_id') IS NOT NULL"
OWNED = "owner_id = getvariable('actor_id') OR list_contains(getvariable('team_ids'), team_id)"

NOTES = "SELECT * FROM base.notes"
FILES = """SELECT attachment.*, upload.sha256, upload.file_name, upload.size
FROM base.attachments AS attachment
JOIN base.uploads AS upload ON upload.id = attachment.upload_id"""


def statements(types: Types | None = None) -> list[str]:
    """The SQL that lays each view, first in `visible`; of the registered types, or of these."""
    found = tuple(registry.types().values() if types is None else types)
    return [
        f"CREATE OR REPLACE VIEW {schema}.{name} AS\n{query}"
        for schema in ("visible", "everything")
        for name, query in _views(found, schema)
    ]


def _views(types: Types, schema: str) -> Iterator[tuple[str, str]]:
    of = {trait: [one for one in types if one.has(trait)] for trait in Trait}
    yield "bin", _union(_binned(one, schema) for one in of[Trait.BIN])
    yield "notes", _on_records(NOTES, of[Trait.NOTES], schema)
    yield "attachments", _on_records(FILES, of[Trait.FILES], schema)
    for one in of[Trait.ATTRIBUTES]:
        yield f"{one.key}_attributes", _attributes(one, schema)
    for one in of[Trait.LABELS]:
        yield f"{one.key}_labels", _labels(one, schema)
    yield "merges", _union(_merges(one, schema) for one in of[Trait.MERGE])
    yield "distinct_pairs", _union(_distinct_pairs(one, schema) for one in of[Trait.MERGE])
    for one in of[Trait.MERGE]:
        yield f"{one.key}_duplicates", _duplicates(one, schema)


def _binned(one: RecordType[Any], schema: str) -> str:
    return f"SELECT '{one.key}' AS kind, id, {one.title_sql()} AS shown_name, deleted_at FROM {schema}.{one.key}_bin"


def _on_records(select: str, types: Types, schema: str) -> str:
    """Rows of a table that name their record by `subject_kind` and `subject_id`.

    A branch for each type where privacy narrows: asked for the rows of one record, the engine skips all branches but
    one (8 ms instead of 65 among a million notes). Where it does not, one scan is faster than several.
    """
    if schema == "everything":
        on = "".join(f"\n  AND (subject_kind <> '{one.key}' OR {_is_on(one)})" for one in types if one.module)
        return f"{select}\nWHERE {SOMEBODY}{on}"
    return _union(
        f"{select}\nWHERE subject_kind = '{one.key}' AND subject_id IN (SELECT id FROM {schema}.{one.plural})"
        for one in types
    )


def _attributes(one: RecordType[Any], schema: str) -> str:
    """The view of a type's attributes, without the renamed columns of deleted ones."""
    seen = SOMEBODY if schema == "everything" else f"id IN (SELECT id FROM {schema}.{one.plural})"
    return f"""SELECT COLUMNS(LAMBDA c: c = 'id' OR starts_with(c, 'a_'))
FROM base.{one.key}_attributes
WHERE {_is_on(one)} AND {seen}"""


def _labels(one: RecordType[Any], schema: str) -> str:
    return f"""SELECT link.{one.key}_id, link.label_id, label.name, label.colour
FROM base.{one.key}_labels AS link
JOIN base.labels AS label ON label.id = link.label_id
WHERE link.{one.key}_id IN (SELECT id FROM {schema}.{one.plural})"""


def _merges(one: RecordType[Any], schema: str) -> str:
    """A merge is of those who see its survivor and saw what it absorbed: who made it, or whose that was."""
    seen = f"""SELECT * FROM base.merges
WHERE subject_kind = '{one.key}' AND survivor_id IN (SELECT id FROM {schema}.{one.plural})"""
    if schema == "everything":
        return seen
    absorbed = f"absorbed_id IN (SELECT id FROM base.{one.plural} WHERE {OWNED})"
    return f"{seen} AND (created_by = getvariable('actor_id') OR {absorbed})"


def _distinct_pairs(one: RecordType[Any], schema: str) -> str:
    """A pair is of those who see both of its records."""
    return f"SELECT * FROM base.distinct_pairs\nWHERE subject_kind = '{one.key}'{_both(one, schema)}"


def _duplicates(one: RecordType[Any], schema: str) -> str:
    return f"""SELECT pair.* EXCLUDE (subject_kind)
FROM base.duplicates AS pair
ANTI JOIN base.distinct_pairs AS decided USING (subject_kind, left_id, right_id)
WHERE pair.subject_kind = '{one.key}'{_both(one, schema)}"""


def _both(one: RecordType[Any], schema: str) -> str:
    seen = f"(SELECT id FROM {schema}.{one.plural})"
    return f" AND left_id IN {seen} AND right_id IN {seen}"


def _is_on(one: RecordType[Any]) -> str:
    return f"list_contains(getvariable('modules'), '{one.module}')" if one.module else "true"


def _union(queries: Iterable[str]) -> str:
    return "\nUNION ALL\n".join(queries)
