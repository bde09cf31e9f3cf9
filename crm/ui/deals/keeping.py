"""A deal's form as the browser keeps it while it is not saved, and read back with care: anybody may write there."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from crm import money
from crm.attributes import AttributeType
from crm.deals import PRIORITIES
from crm.ui import unsaved
from crm.ui.deals import form
from crm.ui.deals.draft import Draft

TEXTS = ("title", "value", "source")
"""Fields whose widgets tell the server what they hold only when they are left."""

WRITTEN = {AttributeType.TEXT, AttributeType.LINK, AttributeType.NUMBER, AttributeType.PERCENT, AttributeType.CURRENCY}
LONGEST = 2_000


def keep(draft: Draft, given: form.Choices, locale: str) -> None:
    """Call it before the form's widgets are drawn."""
    written = {form.ATTRIBUTE + one.key for one in given.definitions if one.type in WRITTEN}
    unsaved.keep(
        draft.key,
        values=draft.values,
        record=draft.record,
        base=draft.base,
        version=draft.seen,
        boxes={field: draft.widget(field) for field in draft.record if field in TEXTS or field in written},
        restore=partial(_restore, draft, given),
        locale=locale,
    )


def _restore(draft: Draft, given: form.Choices, kept: Mapping[str, Any]) -> None:
    values, base, version = kept.get("values"), kept.get("base"), kept.get("version")
    if not isinstance(values, dict) or not isinstance(base, dict) or not isinstance(version, int):
        return
    known = {field: value for field, value in values.items() if field in draft.record and field in base}
    typed = {field: found for field, value in known.items() if (found := _read(field, value, given)) is not _NOTHING}
    began = {field: _as_kept(field, base[field], given) for field in typed}
    draft.resume(typed, began, version)


_NOTHING = object()


def _read(field: str, value: Any, given: form.Choices) -> Any:
    """As the widget of the field holds it; `_NOTHING` where it could not hold this today."""
    found = _as_kept(field, value, given)
    if found is None:
        return _NOTHING if field in ("title", "currency") else None
    choices = _choices(field, given)
    if choices is not None:
        return found if found in choices else _NOTHING
    if field in ("contact_id", "company_id"):
        return found if isinstance(found, int) and form.is_there(field, found) else _NOTHING
    if _kind(field, given) is str:
        return found[:LONGEST] if isinstance(found, str) else _NOTHING
    return found if isinstance(found, _kind(field, given)) else _NOTHING


def _as_kept(field: str, value: Any, given: form.Choices) -> Any:
    kind = _kind(field, given)
    if kind is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value


def _choices(field: str, given: form.Choices) -> set[Any] | None:
    match field:
        case "currency":
            return set(money.CURRENCIES)
        case "priority":
            return set(PRIORITIES)
        case "owner_id":
            return set(given.owners)
        case "team_id":
            return set(given.teams)
    definition = form.definition(field, given)
    return set(definition.values) if definition and definition.type is AttributeType.LIST else None


def _kind(field: str, given: form.Choices) -> type:
    definition = form.definition(field, given)
    if definition:
        kinds = {
            AttributeType.NUMBER: float,
            AttributeType.PERCENT: float,
            AttributeType.DATE: date,
            AttributeType.CHECKBOX: bool,
        }
        return kinds.get(definition.type, str)
    return {"value": float, "expected_close": date, "title": str, "source": str}.get(field, object)
