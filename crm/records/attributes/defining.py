"""Defines attributes, and changes their name, order, and the pattern of their texts."""

from collections.abc import Sequence

from crm.foundation import identity
from crm.foundation.errors import Duplicate, Invalid
from crm.foundation.language import later, tr
from crm.records import registry, views
from crm.records.attributes import custom_keys, list_values, patterns
from crm.records.attributes.definitions import (
    Definition,
    bump_version,
    column_of,
    definitions,
    find,
    get,
    key_of,
    models,
    permission_to_change,
    require_changing,
    require_defining,
    table_of,
    types_of,
)
from crm.records.attributes.types import AttributeType, column
from crm.records.declaration import Record
from crm.store import Reading, Writing
from crm.store.migrate import view_statements

MOST = 200
"""The most attributes of a model: each is a column."""

PATTERNED = frozenset({AttributeType.TEXT, AttributeType.LINK})

_RESERVED = {"id", "team", "created", "created_at", "updated", "updated_at", "version", "attributes", "labels"}


def define(
    tx: Writing,
    *,
    model: str,
    name: str,
    type: AttributeType | str,
    pattern: str | None = None,
    hint: str | None = None,
    values: Sequence[str] = (),
) -> Definition:
    """Define an attribute and its column; the key is made from the name. The permission to import is enough, too."""
    require_defining(tx, model)
    if model not in models() and model not in registry.custom():
        raise Invalid(
            tr("A “{kind}” cannot have attributes, only {kinds}.", kind=model, kinds=", ".join(models())), "model"
        )
    shown = checked_name(name)
    if type not in types_of(model):
        raise Invalid(
            tr(
                "“{to}” is not a type of attribute: {types}.",
                to=type,
                types=", ".join(types_of(model)),
            ),
            "type",
        )
    kind = AttributeType(type)
    key = custom_keys.key_of(shown, kind) if registry.is_custom(model) else key_of(shown)
    checked, checked_hint = _checked_pattern(kind, pattern, hint)
    refuse_taken(tx, model, key, shown)
    attribute_id = tx.insert(
        """
        INSERT INTO base.attributes (model, key, name, type, pattern, hint, position, created_at)
        SELECT $model, $key, $name, $type, $pattern, $hint, coalesce(max(position), 0) + 1, $now
        FROM base.attributes
        WHERE model = $model
        RETURNING id
        """,
        model=model,
        key=key,
        name=shown,
        type=str(kind),
        pattern=checked,
        hint=checked_hint,
        now=tx.now,
    )
    # Adding a column rewrites no rows: 6 ms at a million contacts (measured).
    tx.run(f"ALTER TABLE base.{table_of(model)} ADD COLUMN {column_of(model, key)} {column(kind)}")
    if values:
        list_values.add_new(tx, get(tx, attribute_id), values)
    create_views(tx, model)
    tx.record("attribute.defined", "attribute", attribute_id, model=model, key=key, name=shown, type=str(kind))
    return get(tx, attribute_id)


def rename(tx: Writing, attribute_id: int, name: str, *, version: int | None = None) -> Definition:
    """Rename an attribute. The key stays, so that files, filters and programs keep working."""
    before = get_for_change(tx, attribute_id, version=version)
    shown = checked_name(name)
    if shown == before.name:
        return before
    # The key does not change, but lists and files would show two columns of one name.
    _refuse_standard(before.model, key_of(shown), shown)
    _refuse_same_name(
        [definition for definition in definitions(tx, before.model) if definition.id != attribute_id], shown
    )
    tx.run("UPDATE base.attributes SET name = $name WHERE id = $id", name=shown, id=attribute_id)
    tx.record("attribute.renamed", "attribute", attribute_id, changes={"name": [before.name, shown]})
    return bump_version(tx, attribute_id)


def set_pattern(
    tx: Writing, attribute_id: int, pattern: str | None, hint: str | None, *, version: int | None = None
) -> Definition:
    """Set the pattern that texts or links must match, None for none. Existing values stay until edited."""
    before = get_for_change(tx, attribute_id, version=version)
    checked, checked_hint = _checked_pattern(before.type, pattern, hint)
    if (checked, checked_hint) == (before.pattern, before.hint):
        return before
    tx.run(
        "UPDATE base.attributes SET pattern = $pattern, hint = $hint WHERE id = $id",
        pattern=checked,
        hint=checked_hint,
        id=attribute_id,
    )
    changes = {"pattern": [before.pattern, checked], "hint": [before.hint, checked_hint]}
    tx.record(
        "attribute.patterned",
        "attribute",
        attribute_id,
        name=before.name,
        changes={field: change for field, change in changes.items() if change[0] != change[1]},
    )
    return bump_version(tx, attribute_id)


def misfits(tx: Reading, attribute_id: int, pattern: str | None) -> int:
    """The number of visible records whose value does not match this pattern."""
    definition, checked = get(tx, attribute_id), patterns.checked(pattern)
    if checked is None:
        return 0
    values = tx.frame(
        f"""
        SELECT {definition.column} AS held, count(*) AS n
        FROM {table_of(definition.model)}
        WHERE {definition.column} IS NOT NULL
        GROUP BY ALL
        """
    )
    return int(values.filter(~patterns.matches(checked, values["held"]))["n"].sum())


def reorder(tx: Writing, model: str, attribute_ids: Sequence[int]) -> list[Definition]:
    """Put the attributes of a model in this order; each must be listed once."""
    tx.require(permission_to_change(model), registry.get(model).module)
    before = [definition.id for definition in definitions(tx, model)]
    if sorted(attribute_ids) != sorted(before):
        raise Invalid(tr("The attributes have changed meanwhile. Look at them again, then put them in order."), "order")
    order = list(attribute_ids)
    tx.run(
        "UPDATE base.attributes SET position = list_position($order, id) WHERE model = $model", order=order, model=model
    )
    # One event for all, on the first of them; a model without attributes has nothing to record.
    for attribute_id in order[:1]:
        tx.record("attributes.reordered", "attribute", attribute_id, model=model, order=order)
    if registry.is_custom(model):
        registry.reload(tx)
    return definitions(tx, model)


def get_for_change(tx: Reading, attribute_id: int, *, version: int | None = None) -> Definition:
    """The attribute. Raises Forbidden where the actor may not change its definition."""
    model = tx.value("SELECT model FROM base.attributes WHERE id = $id", id=attribute_id)
    require_changing(tx, model or "")
    return get(tx, attribute_id, version=version)


def create_views(tx: Writing, model: str) -> None:
    """Create the views of a model's attributes again, in this transaction: a view fixes its columns when it is
    created."""
    if registry.is_custom(model):
        statements = _views_of_custom(tx, model)
    else:
        # Only the views over this table: 40 ms, where all of them take 400 (measured).
        statements = view_statements(containing=table_of(model))
    for statement in statements:
        tx.run(statement)


def _views_of_custom(tx: Writing, model: str) -> list[str]:
    """The views of a custom type as its fields are now, none of one that is deleted. What a search looks in follows the
    fields."""
    if model not in registry.custom():
        return []
    before = set(registry.get(model).searched_fields)
    registry.reload(tx)
    of = registry.get(model)
    after = set(of.searched_fields)
    filled = " OR ".join(f"{key} IS NOT NULL" for key in sorted(after - before))
    if before - after or (filled and tx.value(f"SELECT count(*) FROM base.{of.plural} WHERE {filled}")):
        looked_in = identity.searchable_sql(f"concat_ws(chr(10), {', '.join(of.searched_fields)})")
        tx.run(f"UPDATE base.{of.plural} SET search = {looked_in}")
    return views.own(of)


def checked_name(name: str, field: str = "name") -> str:
    shown = identity.text(name, later("name"), limit=80)
    if not shown:
        raise Invalid(tr("An attribute needs a name."), field)
    return shown


def refuse_taken(tx: Reading, model: str, key: str, name: str) -> None:
    _refuse_standard(model, key_of(name), name)
    holder = find(tx, model, key)
    if holder:
        raise Duplicate(
            tr("There is already an attribute “{name}” with the key {key}.", name=holder.name, key=key),
            field="name",
            holder_kind="attribute",
            holder_id=holder.id,
        )
    existing = definitions(tx, model)
    _refuse_same_name(existing, name)
    most = custom_keys.MOST if registry.is_custom(model) else MOST
    if len(existing) >= most:
        raise Invalid(
            tr("A {kind} can have at most {most} attributes.", kind=registry.one_of(model), most=most), "name"
        )


def _refuse_standard(model: str, key: str, name: str) -> None:
    if key in standard_keys(model) | _RESERVED:
        raise Invalid(tr("“{name}” is the name of a standard field. Choose another.", name=name), "name")


def standard_keys(model: str) -> set[str]:
    """The names of a type's own fields, as keys, which attributes cannot have."""
    if registry.is_custom(model):
        return custom_keys.STANDARD
    of = registry.get(model)
    own = {key: one for key, one in of.fields.items() if key not in Record.model_fields}
    counted = {one.table for one in of.counts.values()}
    return {key.removesuffix("_id") for key in own} | {key_of(one.label) for one in own.values()} | counted


def _refuse_same_name(others: Sequence[Definition], name: str) -> None:
    """Raise Invalid for a name in use: lists and files could not tell two columns of one name apart."""
    if any(other.name.casefold() == name.casefold() for other in others):
        raise Invalid(tr("There is already an attribute called “{name}”.", name=name), "name")


def _checked_pattern(type: AttributeType, pattern: str | None, hint: str | None) -> tuple[str | None, str | None]:
    checked, checked_hint = patterns.checked(pattern), identity.text(hint, later("hint"), limit=200)
    if checked and type not in PATTERNED:
        raise Invalid(tr("Only texts and links can have a pattern."), "pattern")
    return checked, checked_hint
