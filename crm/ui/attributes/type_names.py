"""Names, icons and explanations of the types of attributes, and the widgets of a pattern."""

from dataclasses import dataclass

import streamlit as st

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.records import attributes, registry
from crm.records.attributes import PATTERNED, AttributeType
from crm.ui import words

ICONS = {
    AttributeType.TEXT: ":material/notes:",
    AttributeType.NUMBER: ":material/tag:",
    AttributeType.CURRENCY: ":material/payments:",
    AttributeType.PERCENT: ":material/percent:",
    AttributeType.LINK: ":material/link:",
    AttributeType.DATE: ":material/event:",
    AttributeType.LIST: ":material/list:",
    AttributeType.CHECKBOX: ":material/check_box:",
    AttributeType.LONG_TEXT: ":material/article:",
    AttributeType.PERSON: ":material/person:",
}

EXPLANATIONS = {
    AttributeType.TEXT: later("any text"),
    AttributeType.NUMBER: later("a number, such as 12.5"),
    AttributeType.CURRENCY: later("an amount in the workspace’s currency"),
    AttributeType.PERCENT: later("a share, such as 12.5 %"),
    AttributeType.LINK: later("an address on the web"),
    AttributeType.DATE: later("a day"),
    AttributeType.LIST: later("one of a list of values"),
    AttributeType.CHECKBOX: later("yes or no"),
    AttributeType.LONG_TEXT: later("a text of several lines"),
    AttributeType.PERSON: later("somebody of the team"),
}


@dataclass(frozen=True)
class Wording:
    """What the drawers call an attribute."""

    new: str
    order: str
    delete: str


_OF_ATTRIBUTES = Wording(later("New attribute"), later("Order of attributes"), later("Delete this attribute"))
_OF_FIELDS = Wording(later("New field"), later("Order of fields"), later("Delete this field"))


def wording(model: str) -> Wording:
    """The attributes of a custom type are its fields."""
    return _OF_FIELDS if registry.is_custom(model) else _OF_ATTRIBUTES


def explained(kind: AttributeType, model: str) -> str:
    """What a value of the type is, in an attribute or a field of this model."""
    # Records of custom types have a currency of their own.
    is_own = kind is AttributeType.CURRENCY and registry.is_custom(model)
    return tr("an amount in the record’s currency") if is_own else tr(EXPLANATIONS[kind])


def words_of(kind: AttributeType, model: str) -> str:
    return f"{tr(kind).capitalize()}: {explained(kind, model)}"


def records(count: int, model: str) -> str:
    """“on 1 contact”, “on 1,200 companies”, “not in use”."""
    if not count:
        return tr("not in use")
    of = registry.get(model)
    return tr("on {count:,} {kinds}", count=count, kinds=of.one if count == 1 else of.many)


def pattern(kind: AttributeType, current: str | None, hint: str | None, *, key: str) -> tuple[str, str]:
    """Draw the widgets of a pattern, its hint and a value to try; (pattern, hint), empty for types that take none."""
    if kind not in PATTERNED:
        return "", ""
    rule = st.text_input(
        tr("Pattern (optional)"),
        current or "",
        max_chars=300,
        placeholder="[A-Z]{3}-[0-9]+",
        help=tr(
            "A regular expression that the whole text must match. [A-Z]{3} is three capital letters, [0-9]+ digits, "
            ".* anything, a|b one or the other."
        ),
        key=f"{key}-pattern",
    )
    if not rule:
        return "", ""
    message = st.text_input(
        tr("Message if it does not match"),
        hint or "",
        max_chars=200,
        placeholder=tr("three letters, a dash and a number"),
        key=f"{key}-hint",
    )
    tried = st.text_input(tr("Try a value"), placeholder="ABC-123", key=f"{key}-try")
    if tried:
        _try(rule, tried)
    return rule, message or ""


def _try(rule: str, tried: str) -> None:
    try:
        # The engine that imports and forms use too (Rust's, by way of Polars): what fits here fits there.
        checked = attributes.checked_pattern(rule)
    except Invalid as fault:
        st.caption(f":red[:material/error: {words.plain(str(fault))}]")
        return
    shown, fits = words.plain(tried), checked is None or attributes.fits(checked, tried)
    st.caption(
        tr(":green[:material/check: “{value}” fits.]", value=shown)
        if fits
        else tr(":red[:material/close: “{value}” does not fit.]", value=shown)
    )
