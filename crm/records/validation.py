"""Validates the fields of a record of any type, and checks its unique keys."""

from collections.abc import Mapping
from typing import Any

from crm.foundation import identity, money
from crm.foundation.errors import Duplicate, Invalid
from crm.foundation.language import capitalized, tr
from crm.records import field_kinds, references
from crm.records.declaration import RecordType
from crm.records.fields import Field, Unique
from crm.store import Reading


def checked(
    tx: Reading, of: RecordType[Any], given: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The given fields in their stored form. Raises Invalid, with the field's key, where one is unknown, does not fit,
    or refers to what the actor may not see. `before`: the fields of an existing record."""
    unknown = given.keys() - of.edited.keys()
    if unknown:
        raise Invalid(
            tr(
                "{a_kind} has no field “{field}” that can be set.",
                a_kind=capitalized(of.an),
                field=min(unknown),
            ),
            min(unknown),
        )
    stored = {key: field_kinds.checked(tx, of.fields[key], key, value) for key, value in given.items()}
    _round_amounts(tx, of, stored, before or {})
    _refuse_invisible(tx, of, stored)
    return stored


def refuse_taken(tx: Reading, of: RecordType[Any], fields: Mapping[str, Any], *, own_id: int | None = None) -> None:
    """Raise Duplicate where another record has one of the unique keys of these fields."""
    for key, holder in holders(tx, of, fields):
        if holder != own_id:
            raise duplicate(tx, of, key, fields, holder)


def holders(tx: Reading, of: RecordType[Any], fields: Mapping[str, Any]) -> list[tuple[str, int]]:
    """(field, id) of the records, visible or not, that have a unique key of these fields, the surest key
    first."""
    # One look-up per key, each by its index: a single OR over them would scan the table.
    values_by_key = {
        key: value
        for key in dict.fromkeys((*of.surest_keys, *of.uniques))
        if key in fields and (value := key_of(of.uniques[key], key, fields)) is not None
    }
    if not values_by_key:
        return []
    found = tx.rows(
        " UNION ALL ".join(
            f"SELECT {place} AS place, '{key}' AS field, id FROM base.{of.plural} WHERE {_column(of, key)} = ${key}"
            for place, key in enumerate(values_by_key)
        )
        + " ORDER BY place",
        **values_by_key,
    )
    return [(row["field"], row["id"]) for row in found]


def duplicate(tx: Reading, of: RecordType[Any], key: str, fields: Mapping[str, Any], holder: int) -> Duplicate:
    """The error for a taken key, which names the other record only to those who may see it."""
    field = of.fields[key]
    visible = tx.rows(f"SELECT {of.title_sql()} AS title FROM {of.plural} WHERE id = $id", id=holder)
    holder_name = f"“{visible[0]['title']}”" if visible else tr("{a_kind} that you may not see", a_kind=of.an)
    taken = field.unique.taken if field.unique else Unique.taken
    placeholders = {**fields, "label": field.word, "value": fields[key], "holder": holder_name}
    return Duplicate(tr(taken, **placeholders), field=key, holder_kind=of.key, holder_id=holder if visible else None)


def keys(of: RecordType[Any], fields: Mapping[str, Any]) -> dict[str, str | None]:
    """{key column: normal form} of a record with these fields."""
    return {_column(of, key): key_of(field, key, fields) for key, field in of.uniques.items()}


def key_of(field: Field, key: str, fields: Mapping[str, Any]) -> str | None:
    form = field.unique.form if field.unique else None
    return form(fields) if form else field_kinds.KINDS[field.kind].key(fields[key])


def search_text(of: RecordType[Any], fields: Mapping[str, Any]) -> str:
    """The search text of a record. Set-based imports write the same, in this order."""
    return identity.search_text(*(fields[key] for key in of.searched_fields))


def _column(of: RecordType[Any], key: str) -> str:
    unique = of.fields[key].unique
    return unique.column if unique else ""


def _round_amounts(tx: Reading, of: RecordType[Any], stored: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Round each amount to the minor unit of its currency: the new one, the record's, or the workspace's."""
    for key, field in of.amounts.items():
        currency = stored.get(field.currency) or before.get(field.currency) or tx.actor.currency
        # A new currency rounds the amount that is there already, too: yen have no cents.
        value = stored.get(key, before.get(key) if field.currency in stored else None)
        if value is None:
            continue
        try:
            stored[key] = money.amount(value, currency)
        except Invalid as refusal:
            raise Invalid(str(refusal), key) from None


def _refuse_invisible(tx: Reading, of: RecordType[Any], stored: Mapping[str, Any]) -> None:
    """Raise Invalid where a referenced record is not visible to the actor; one query checks all."""
    targets = {key: references.target(field) for key, field in of.references.items() if stored.get(key) is not None}
    if not targets:
        return
    found = tx.row(
        "SELECT "
        + ", ".join(
            f"EXISTS (FROM {to.view} WHERE id = ${key}{f' AND {to.condition}' if to.condition else ''}) AS {key}"
            for key, to in targets.items()
        ),
        **{key: stored[key] for key in targets},
    )
    for key, is_visible in found.items():
        if not is_visible:
            raise Invalid(
                tr("There is no such {what}, or you may not see it.", what=references.called(of.references[key])), key
            )
