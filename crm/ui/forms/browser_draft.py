"""A form as the browser keeps it while it is not saved, and the reading of what comes back."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from crm.ui.components import unsaved
from crm.ui.forms.draft import Draft
from crm.ui.forms.form_fields import FormField

LONGEST = 5_000
NOTHING = object()


def keep(draft: Draft, fields: Mapping[str, FormField]) -> None:
    """Draw the part of the form that keeps it, before the form's widgets."""
    typed = [
        key
        for key, form_field in fields.items()
        if (form_field.is_text or form_field.is_number) and (form_field.field or form_field.definition)
    ]
    unsaved.keep(
        draft.key,
        values=draft.values,
        record=draft.record,
        base=draft.base,
        version=draft.base_version,
        # Boxes that are typed in tell the server what they hold only when they are left: the browser listens to them
        # itself.
        boxes={key: draft.widget(key) for key in typed},
        restore=partial(_restore, draft, fields),
    )


def _restore(draft: Draft, fields: Mapping[str, FormField], stored: Mapping[str, Any]) -> None:
    values, base, version = stored.get("values"), stored.get("base"), stored.get("version")
    # Anybody may write into a browser's storage: what is not shaped as ours is no draft.
    if not isinstance(values, dict) or not isinstance(base, dict) or not isinstance(version, int):
        return
    known = {key: value for key, value in values.items() if key in draft.record and key in base and key in fields}
    typed = {key: found for key, value in known.items() if (found := read(fields[key], value)) is not NOTHING}
    base_values = {key: _base_value(fields[key], base[key]) for key in typed}
    draft.resume(typed, base_values, version)


def read(form_field: FormField, value: Any) -> Any:
    """The value as the field's widget holds it; `NOTHING` where that could not hold it today."""
    found = _as_widget_value(form_field, value)
    if found is None:
        return NOTHING if form_field.must_be_chosen or form_field.is_checkbox else "" if form_field.is_text else None
    if form_field.choices is not None or (form_field.definition and form_field.definition.values):
        choices = (
            form_field.choices
            if form_field.choices is not None
            else form_field.definition.values
            if form_field.definition
            else ()
        )
        # 1 == True == 1.0 to Python, and a select box fails on a value that is none of its options.
        return found if any(type(each) is type(found) and each == found for each in choices) else NOTHING
    if form_field.is_picked:
        # True is an int, and a larger number fits no column.
        return found if type(found) is int and found < 2**63 and form_field.name_of(found) else NOTHING
    if form_field.is_text:
        return found[: getattr(form_field.field, "limit", LONGEST)] if isinstance(found, str) else NOTHING
    return found if isinstance(found, _widget_type(form_field)) else NOTHING


def _base_value(form_field: FormField, value: Any) -> Any:
    """What the record held; only compared and shown, so that it need no longer be on offer."""
    found = _as_widget_value(form_field, value)
    fits = isinstance(found, _widget_type(form_field)) and not isinstance(found, list | dict) and found is not NOTHING
    return found if fits else None


def _as_widget_value(form_field: FormField, value: Any) -> Any:
    if form_field.is_day and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return NOTHING
    if form_field.is_number and type(value) in (int, float):
        # A double tells whole numbers apart up to 15 digits.
        fits = abs(value) < 1e15 and (form_field.definition or value >= 0 or form_field.field is None)
        return float(value) if fits else NOTHING
    return value


def _widget_type(form_field: FormField) -> type:
    if form_field.is_number:
        return float
    if form_field.is_day:
        return date
    if form_field.is_checkbox:
        return bool
    return str if form_field.is_text or form_field.definition else object
