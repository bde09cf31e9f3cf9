"""Validates the fields of a record of any type, and checks its unique keys."""

from collections.abc import Mapping
from typing import Any

from crm.foundation import identity, money
from crm.foundation.errors import Duplicate, Invalid
from crm.records import field_kinds, pointing
from crm.records.declaration import RecordType
from crm.records.fields import Field
from crm.store import Reading


def checked(
    tx: Reading, of: RecordType[Any], given: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The given fields in their stored form. Raises Invalid, with the field's key, where one is unknown, does not fit,
    or refers to what the actor may not see. `before`: the fields of an existing record."""
    unknown = given.keys() - of.edited.keys()
    if unknown:
        raise Invalid(f"{of.a.capitalize()} has no field “{min(unknown)}” that can be set.", min(unknown))
    kept = {key: field_kinds.checked(tx, of.fields[key], key, value) for key, value in given.items()}
    _round_amounts(tx, of, kept, before or {})
    _refuse_unseen(tx, of, kept)
    return kept


def refuse_taken(tx: Reading, of: RecordType[Any], fields: Mapping[str, Any], *, own_id: int | None = None) -> None:
    """Raise Duplicate where another record has one of the unique keys of these fields."""
    for key, holder in holders(tx, of, fields):
        if holder != own_id:
            raise duplicate(tx, of, key, fields, holder)


def holders(tx: Reading, of: RecordType[Any], fields: Mapping[str, Any]) -> list[tuple[str, int]]:
    """(field, id) of the records, visible or not, that have a unique key of these fields, the surest key
    first."""
    # One look-up per key, each by its index: a single OR over them would scan the table.
    sought = {
        key: value
        for key in dict.fromkeys((*of.surest_keys, *of.uniques))
        if key in fields and (value := key_of(of.uniques[key], key, fields)) is not None
    }
    if not sought:
        return []
    found = tx.rows(
        " UNION ALL ".join(
            f"SELECT {place} AS place, '{key}' AS field, id FROM base.{of.plural} WHERE {_column(of, key)} = ${key}"
            for place, key in enumerate(sought)
        )
        + " ORDER BY place",
        **sought,
    )
    return [(row["field"], row["id"]) for row in found]


def duplicate(tx: Reading, of: RecordType[Any], key: str, fields: Mapping[str, Any], holder: int) -> Duplicate:
    """The error for a taken key, which names the other record only to those who may see it."""
    one = of.fields[key]
    seen = tx.rows(f"SELECT {of.title_sql()} AS title FROM {of.plural} WHERE id = $id", id=holder)
    who = f"“{seen[0]['title']}”" if seen else f"{of.a} that you may not see"
    taken = one.unique.taken if one.unique else ""
    words = {**fields, "label": one.word, "value": fields[key], "holder": who}
    return Duplicate(taken.format(**words), field=key, holder_kind=of.key, holder_id=holder if seen else None)


def keys(of: RecordType[Any], fields: Mapping[str, Any]) -> dict[str, str | None]:
    """{key column: normal form} of a record with these fields."""
    return {_column(of, key): key_of(one, key, fields) for key, one in of.uniques.items()}


def key_of(one: Field, key: str, fields: Mapping[str, Any]) -> str | None:
    form = one.unique.form if one.unique else None
    return form(fields) if form else field_kinds.KINDS[one.kind].key(fields[key])


def search_text(of: RecordType[Any], fields: Mapping[str, Any]) -> str:
    """The search text of a record. Set-based imports write the same, in this order."""
    return identity.search_text(*(fields[key] for key in of.searched_fields))


def _column(of: RecordType[Any], key: str) -> str:
    unique = of.fields[key].unique
    return unique.column if unique else ""


def _round_amounts(tx: Reading, of: RecordType[Any], kept: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Round each amount to the minor unit of its currency: the new one, the record's, or the workspace's."""
    for key, one in of.amounts.items():
        currency = kept.get(one.currency) or before.get(one.currency) or tx.actor.currency
        value = kept.get(key, before.get(key) if one.currency in kept else None)
        if value is None:
            continue
        try:
            kept[key] = money.amount(value, currency)
        except Invalid as refusal:
            raise Invalid(str(refusal), key) from None


def _refuse_unseen(tx: Reading, of: RecordType[Any], kept: Mapping[str, Any]) -> None:
    """Raise Invalid where a referenced record is not visible to the actor; one query checks all."""
    pointed = {key: pointing.target(one) for key, one in of.references.items() if kept.get(key) is not None}
    if not pointed:
        return
    found = tx.row(
        "SELECT "
        + ", ".join(
            f"EXISTS (FROM {to.view} WHERE id = ${key}{f' AND {to.sought}' if to.sought else ''}) AS {key}"
            for key, to in pointed.items()
        ),
        **{key: kept[key] for key in pointed},
    )
    for key, there in found.items():
        if not there:
            raise Invalid(f"There is no such {pointed[key].called}, or you may not see it.", key)
