"""A form as the browser keeps it while it is not saved, and read back with care: anybody may write there."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from crm.ui.components import unsaved
from crm.ui.forms.draft import Draft
from crm.ui.forms.form_fields import FormField

LONGEST = 5_000
NOTHING = object()


def keep(draft: Draft, fields: Mapping[str, FormField], locale: str) -> None:
    """Call it before the form's widgets are drawn. Boxes that are typed in tell the server what they hold only when
    they are left."""
    typed = [key for key, one in fields.items() if (one.is_text or one.is_number) and (one.field or one.definition)]
    unsaved.keep(
        draft.key,
        values=draft.values,
        record=draft.record,
        base=draft.base,
        version=draft.seen,
        boxes={key: draft.widget(key) for key in typed},
        restore=partial(_restore, draft, fields),
        locale=locale,
    )


def _restore(draft: Draft, fields: Mapping[str, FormField], kept: Mapping[str, Any]) -> None:
    values, base, version = kept.get("values"), kept.get("base"), kept.get("version")
    if not isinstance(values, dict) or not isinstance(base, dict) or not isinstance(version, int):
        return
    known = {key: value for key, value in values.items() if key in draft.record and key in base and key in fields}
    typed = {key: found for key, value in known.items() if (found := read(fields[key], value)) is not NOTHING}
    began = {key: _began(fields[key], base[key]) for key in typed}
    draft.resume(typed, began, version)


def read(one: FormField, value: Any) -> Any:
    """As the widget of the field holds it; `NOTHING` where it could not hold this today."""
    found = _as_held(one, value)
    if found is None:
        return NOTHING if one.must_be_chosen or one.is_checkbox else "" if one.is_text else None
    if one.choices is not None or (one.definition and one.definition.values):
        choices = one.choices if one.choices is not None else one.definition.values if one.definition else ()
        return found if any(type(each) is type(found) and each == found for each in choices) else NOTHING
    if one.is_picked:
        return found if type(found) is int and found < 2**63 and one.name_of(found) else NOTHING
    if one.is_text:
        return found[: getattr(one.field, "limit", LONGEST)] if isinstance(found, str) else NOTHING
    return found if isinstance(found, _kind(one)) else NOTHING


def _began(one: FormField, value: Any) -> Any:
    """What the record held, which is only compared and shown: it need not be there to choose any more."""
    found = _as_held(one, value)
    fits = isinstance(found, _kind(one)) and not isinstance(found, list | dict) and found is not NOTHING
    return found if fits else None


def _as_held(one: FormField, value: Any) -> Any:
    if one.is_day and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return NOTHING
    if one.is_number and type(value) in (int, float):
        fits = abs(value) < 1e15 and (one.definition or value >= 0 or one.field is None)
        return float(value) if fits else NOTHING
    return value


def _kind(one: FormField) -> type:
    if one.is_number:
        return float
    if one.is_day:
        return date
    if one.is_checkbox:
        return bool
    return str if one.is_text or one.definition else object
