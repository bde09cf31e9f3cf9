"""A deal's form as the browser keeps it while it is not saved, and read back with care: anybody may write there."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from crm.deals import PRIORITIES
from crm.foundation import money
from crm.records.attributes import AttributeType
from crm.ui.components import unsaved
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
    typed = {field: found for field, value in known.items() if (found := read(field, value, given)) is not NOTHING}
    began = {field: _began(field, base[field], given) for field in typed}
    draft.resume(typed, began, version)


NOTHING = object()


def read(field: str, value: Any, given: form.Choices) -> Any:
    """As the widget of the field holds it; `NOTHING` where it could not hold this today."""
    found = _as_kept(field, value, given)
    if found is None:
        return NOTHING if field in ("title", "currency") else None
    choices = _choices(field, given)
    if choices is not None:
        return found if any(type(one) is type(found) and one == found for one in choices) else NOTHING
    if field in ("contact_id", "company_id"):
        return found if type(found) is int and found < 2**63 and form.is_there(field, found) else NOTHING
    if _kind(field, given) is str:
        return found[:LONGEST] if isinstance(found, str) else NOTHING
    return found if isinstance(found, _kind(field, given)) and _in_reach(field, found) else NOTHING


def _began(field: str, value: Any, given: form.Choices) -> Any:
    """What the record held, which is only compared and shown: it need not be there to choose any more."""
    found = _as_kept(field, value, given)
    fits = isinstance(found, _kind(field, given)) and not isinstance(found, list | dict) and found is not NOTHING
    return found if fits else None


def _in_reach(field: str, found: Any) -> bool:
    """Of the widget, which refuses to be drawn with anything else."""
    if isinstance(found, date):
        return date(1970 if field == "expected_close" else 1900, 1, 1) <= found <= date(2200, 12, 31)
    return not isinstance(found, float) or (abs(found) < 1e15 and (field != "value" or found >= 0))


def _as_kept(field: str, value: Any, given: form.Choices) -> Any:
    kind = _kind(field, given)
    if kind is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return NOTHING
    if kind is float and type(value) in (int, float):
        return float(value) if abs(value) < 1e15 else NOTHING
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
