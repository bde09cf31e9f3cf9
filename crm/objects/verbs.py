"""Makes, changes, deletes and restores custom types."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from crm.foundation import identity
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Duplicate, Invalid, NotFound, Stale
from crm.foundation.language import later, tr
from crm.objects import icons
from crm.objects.made import KEY_COLUMNS, MOST_TYPES, key_of, table_of
from crm.objects.model import RETENTION, ObjectType
from crm.records import attributes, registry, views
from crm.records.attributes import AttributeType, custom_keys
from crm.store import Reading, Writing
from crm.store.kept import kept

_NAME = re.compile(r"[^\W\d_](?:[^\W_]|[ .,;&/()+%'’–-])*")
NAMING = (AttributeType.TEXT, AttributeType.LIST)
"""The types of fields that can name records."""
NAME = later("Name")
SHOWN_ICONS = 5
"""How many icons an error message names."""
RESERVED = frozenset({"types", "templates"})
"""What stands in addresses of the API in the place of a slug."""

COLUMNS = """
    id BIGINT PRIMARY KEY DEFAULT nextval('base.{kind}_ids'),
    key_1 VARCHAR UNIQUE,
    {keys},
    external_id VARCHAR,
    owner_id BIGINT,
    team_id BIGINT,
    currency VARCHAR,
    search VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1
"""


@kept
def types(tx: Reading) -> list[ObjectType]:
    """The types, in the team's order; none where the module is off."""
    if not tx.actor.has(Module.OBJECTS):
        return []
    return [ObjectType(**row) for row in tx.rows("SELECT * FROM object_types ORDER BY position, id")]


@kept
def record_counts(tx: Reading) -> dict[int, int]:
    """{type id: how many of its records the actor sees}, of all types by one statement."""
    counted = [f"SELECT {of.id} AS id, count(*) AS many FROM {table_of(of.id)}" for of in types(tx)]
    rows = tx.rows(" UNION ALL ".join(counted)) if counted else []
    return {row["id"]: row["many"] for row in rows}


def deleted(tx: Reading) -> list[ObjectType]:
    """The types that can be restored, last deleted first."""
    rows = tx.rows(
        """
        SELECT type.*, coalesce(person.name, 'Mallard') AS deleted_by_name
        FROM deleted_object_types AS type
        LEFT JOIN users AS person ON person.id = type.deleted_by
        ORDER BY type.deleted_at DESC, type.id DESC
        """
    )
    return [ObjectType(**row) for row in rows]


def get(tx: Reading, type_id: int, *, version: int | None = None) -> ObjectType:
    """A type. Raises NotFound where there is none, or the module is off; Stale where it changed after `version`."""
    found = next((one for one in types(tx) if one.id == type_id), None)
    if found is None:
        raise NotFound(tr("type of record"))
    if version is not None and version != found.version:
        raise Stale(
            tr("“{name}” was changed since you read it.", name=found.plural),
            known_version=version,
            current=found.model_dump(mode="json"),
        )
    return found


def find(tx: Reading, slug: str) -> ObjectType | None:
    """The type with this name in addresses."""
    return next((one for one in types(tx) if one.slug == slug), None)


def create(
    tx: Writing, *, singular: str, plural: str, icon: str = icons.DEFAULT, primary: str = "", shared: bool = False
) -> ObjectType:
    """Make a type: its table, its views, and the text that names its records, by default called Name."""
    require(tx)
    given = _checked({"singular": singular, "plural": plural, "icon": icon})
    _refuse_taken(tx, given)
    existing = types(tx)
    if len(existing) >= MOST_TYPES:
        raise Invalid(tr("There can be at most {most} types of records.", most=MOST_TYPES), "singular")
    slug = _free_slug(tx, given["singular"])
    type_id = tx.insert(
        """
        INSERT INTO base.object_types
            (slug_key, slug, singular, plural, icon, primary_field, shared, position, created_at, updated_at)
        VALUES ($slug, $slug, $singular, $plural, $icon, '', $shared,
            (SELECT coalesce(max(position), 0) + 1 FROM base.object_types), $now, $now)
        RETURNING id
        """,
        slug=slug,
        shared=shared,
        now=tx.now,
        **given,
    )
    _lay_table(tx, key_of(type_id), table_of(type_id))
    _define_primary(tx, type_id, primary or tr(NAME))
    tx.record("object_type.created", "object_type", type_id, name=given["singular"])
    return get(tx, type_id)


def change(
    tx: Writing,
    type_id: int,
    *,
    singular: str | None = None,
    plural: str | None = None,
    icon: str | None = None,
    primary_field: str | None = None,
    shared: bool | None = None,
    version: int | None = None,
) -> ObjectType:
    """Change what is given. Name, address and key of the API stay as they are when the type is renamed."""
    require(tx)
    before = get(tx, type_id, version=version)
    texts = {"singular": singular, "plural": plural, "icon": icon}
    given: dict[str, Any] = _checked({key: text for key, text in texts.items() if text is not None})
    _refuse_taken(tx, given, own_id=type_id)
    if primary_field is not None:
        given["primary_field"] = _checked_primary(tx, before, primary_field)
    if shared is not None:
        given["shared"] = shared
    changes = {key: [getattr(before, key), value] for key, value in given.items() if getattr(before, key) != value}
    if not changes:
        return before
    tx.run(
        f"""
        UPDATE base.object_types SET
            {", ".join(f"{key} = ${key}" for key in changes)}, updated_at = $now, version = version + 1
        WHERE id = $id
        """,
        id=type_id,
        now=tx.now,
        **{key: after for key, (_, after) in changes.items()},
    )
    lay_views(tx, type_id)
    tx.record("object_type.changed", "object_type", type_id, name=before.singular, changes=changes)
    return get(tx, type_id)


def reorder(tx: Writing, type_ids: Sequence[int]) -> list[ObjectType]:
    """Put the types in this order; each must be listed once."""
    require(tx)
    if sorted(type_ids) != sorted(one.id for one in types(tx)):
        raise Invalid(tr("The types have changed meanwhile. Look at them again, then put them in order."), "order")
    order = list(type_ids)
    tx.run("UPDATE base.object_types SET position = list_position($order, id) WHERE deleted_at IS NULL", order=order)
    for type_id in order[:1]:
        tx.record("object_types.reordered", "object_type", type_id, order=order)
    registry.reload(tx)
    return types(tx)


def delete(tx: Writing, type_id: int, *, version: int | None = None) -> ObjectType:
    """Delete a type: it leaves every page, list, filter and file. Its records, notes, files and links are kept for 30
    days. Returns it as it was."""
    require(tx)
    before = get(tx, type_id, version=version)
    tx.run(
        """
        UPDATE base.object_types SET slug_key = NULL, deleted_at = $now, deleted_by = $by, version = version + 1
        WHERE id = $id
        """,
        id=type_id,
        now=tx.now,
        by=tx.actor.id,
    )
    registry.reload(tx)
    _lay(tx, views.statements(list(registry.types().values())))
    tx.record("object_type.deleted", "object_type", type_id, name=before.singular)
    return before


def restore(tx: Writing, type_id: int) -> ObjectType:
    """Restore a deleted type with its records; its name in addresses is another where that was taken meanwhile."""
    require(tx)
    former = next((one for one in deleted(tx) if one.id == type_id), None)
    if former is None:
        raise NotFound(tr("deleted type of record"))
    _refuse_taken(tx, {"singular": former.singular, "plural": former.plural})
    if len(types(tx)) >= MOST_TYPES:
        raise Invalid(tr("There can be at most {most} types of records.", most=MOST_TYPES), "singular")
    slug = former.slug if find(tx, former.slug) is None else _free_slug(tx, former.singular)
    tx.run(
        """
        UPDATE base.object_types SET
            slug = $slug, slug_key = $slug, deleted_at = NULL, deleted_by = NULL, version = version + 1
        WHERE id = $id
        """,
        id=type_id,
        slug=slug,
    )
    lay_views(tx, type_id)
    tx.record("object_type.restored", "object_type", type_id, name=former.singular)
    return get(tx, type_id)


def purge(tx: Writing) -> int:
    """Delete for good the types that were deleted more than 30 days ago, with all that is of them; how many."""
    tx.require(Permission.MANAGE_OBJECTS)
    expired = tx.rows(
        "SELECT id, singular FROM base.object_types WHERE deleted_at < $before ORDER BY id", before=tx.now - RETENTION
    )
    for row in expired:
        _purge(tx, row["id"], row["singular"])
    if expired:
        registry.reload(tx)
    return len(expired)


def lay_views(tx: Writing, type_id: int) -> None:
    """Create the views of a type again as it is now defined."""
    registry.reload(tx)
    _lay(tx, views.of_type(registry.get(key_of(type_id))))


def require(tx: Reading) -> None:
    """Raise Forbidden where the actor may not define types, ModuleOff where the module is off."""
    tx.require(Permission.MANAGE_OBJECTS, Module.OBJECTS)


def _lay(tx: Writing, statements: Sequence[str]) -> None:
    for statement in statements:
        tx.run(statement)


def _lay_table(tx: Writing, kind: str, table: str) -> None:
    keys = ",\n    ".join(f"{column} VARCHAR UNIQUE" for column in KEY_COLUMNS)
    tx.run(f"CREATE SEQUENCE base.{kind}_ids")
    tx.run(f"CREATE TABLE base.{table} ({COLUMNS.format(kind=kind, keys=keys)})")
    tx.run(
        f"""
        CREATE TABLE base.{kind}_labels (
            {kind}_id BIGINT NOT NULL, label_id BIGINT NOT NULL, PRIMARY KEY ({kind}_id, label_id)
        )
        """
    )


def _define_primary(tx: Writing, type_id: int, name: str) -> None:
    """Define the first field, and let it name the records."""
    key = custom_keys.key_of(attributes.checked_name(name, "primary"), AttributeType.TEXT, "primary")
    tx.run("UPDATE base.object_types SET primary_field = $key WHERE id = $id", key=key, id=type_id)
    registry.reload(tx)
    attributes.define(tx, model=key_of(type_id), name=name, type=AttributeType.TEXT)
    lay_views(tx, type_id)


def _checked_primary(tx: Reading, of: ObjectType, key: str) -> str:
    found = attributes.find(tx, of.kind, key)
    if found is None:
        raise Invalid(tr("There is no field “{field}” here.", field=key), "primary_field")
    if found.type not in NAMING:
        raise Invalid(tr("“{name}” cannot name records: choose a text or a list.", name=found.name), "primary_field")
    empty = tx.value(f"SELECT count(*) FROM base.{table_of(of.id)} WHERE {key} IS NULL AND deleted_at IS NULL")
    if empty:
        raise Invalid(
            tr("{count:,} records have no “{name}”. Fill it first, then let it name them.", count=empty,
               name=found.name),
            "primary_field",
        )  # fmt: skip
    return key


def _checked(given: dict[str, str]) -> dict[str, Any]:
    names = {"singular": later("name"), "plural": later("name of many"), "icon": later("icon")}
    found = {key: identity.text(text, names[key], limit=60) for key, text in given.items()}
    for key, text in found.items():
        if not text:
            raise Invalid(tr("A type of record needs its {what}.", what=tr(names[key])), key)
        # Names stand in sentences that are Markdown, and in the templates of texts.
        if key != "icon" and not _NAME.fullmatch(_without_marks(text)):
            raise Invalid(
                tr("A type's name begins with a letter, and has letters, digits, spaces and simple punctuation."), key
            )
    # The screens refuse to draw an icon that they do not know.
    if found.get("icon", icons.DEFAULT) not in icons.ICONS:
        some = ", ".join(list(icons.ICONS)[:SHOWN_ICONS])
        raise Invalid(
            tr("There is no icon “{icon}”. Choose one such as {some}.", icon=found["icon"], some=some), "icon"
        )
    return found


def _without_marks(text: str) -> str:
    """The text without vowel signs and accents, which many scripts write after the letter that they belong to."""
    return "".join(one for one in text if not unicodedata.category(one).startswith("M"))


def _refuse_taken(tx: Reading, given: dict[str, Any], *, own_id: int | None = None) -> None:
    """Raise Duplicate for a name that people could not tell from that of another type."""
    for key in [key for key in ("singular", "plural") if key in given]:
        folded = given[key].casefold()
        for of in registry.types().values():
            if of.key != (own_id and key_of(own_id)) and folded in (of.one.casefold(), of.many.casefold()):
                raise Duplicate(
                    tr("There is a type of record called “{name}” already.", name=given[key]),
                    field=key,
                    holder_kind="object_type",
                    holder_id=None,
                )


def _free_slug(tx: Reading, name: str) -> str:
    stem = attributes.key_of(name)
    taken = {one.slug for one in types(tx)} | RESERVED
    for of in registry.declared().values():
        taken |= {of.key, of.plural}
    # Addresses and the names of schemas begin with a letter.
    if stem[0].isdigit():
        stem = f"type_{stem}"
    # The keys and tables of types, those to come included.
    if re.fullmatch(r"objects?_\d+", stem):
        stem = f"{stem}_1"
    number = 1
    while (slug := stem if number == 1 else f"{stem}_{number}") in taken:
        number += 1
    return slug


def _purge(tx: Writing, type_id: int, name: str) -> None:
    kind, table = key_of(type_id), table_of(type_id)
    for gone, conditions in OF_TYPE.items():
        names = {"kind": kind, "table": table}
        named = {name: value for name, value in names.items() if f"${name}" in conditions}
        tx.run(f"DELETE FROM base.{gone} WHERE {conditions}", **named)
    for view in (f"{kind}_bin", f"{kind}_labels", f"{kind}_duplicates", f"{kind}_links", table):
        for schema in ("visible", "everything"):
            tx.run(f"DROP VIEW IF EXISTS {schema}.{view}")
    tx.run(f"DROP TABLE base.{kind}_labels")
    tx.run(f"DROP TABLE base.{table}")
    tx.run(f"DROP SEQUENCE base.{kind}_ids")
    tx.run(
        """
        INSERT INTO base.purged_object_types SELECT id, singular, plural FROM base.object_types WHERE id = $id
        """,
        id=type_id,
    )
    tx.run("DELETE FROM base.object_types WHERE id = $id", id=type_id)
    tx.record("object_type.purged", "object_type", type_id, name=name)


_SUBJECT = "subject_kind = $kind"
OF_TYPE = {
    "notes": _SUBJECT,
    "attachments": _SUBJECT,
    "merge_rows": "merge_id IN (SELECT id FROM base.merges WHERE subject_kind = $kind)",
    "merges": _SUBJECT,
    "duplicates": _SUBJECT,
    "distinct_pairs": _SUBJECT,
    "links": "object_kind = $kind",
    "event_links": "object_kind = $kind",
    "link_labels": "object_kind = $kind",
    "segments": "kind = $table",
    "object_fields": """attribute_id IN (
        SELECT id FROM base.attributes WHERE model = $kind
        UNION ALL SELECT id FROM base.deleted_attributes WHERE model = $kind
    )""",
    "attribute_values": "attribute_id IN (SELECT id FROM base.attributes WHERE model = $kind)",
    "attributes": "model = $kind",
    "deleted_attributes": "model = $kind",
}
"""{table: which of its rows are of a type}: what goes with the type. The log and its name stay."""
