"""The filters of a list in a popover: a few fields, each with one operator, written to the address as one filter.

Any other filter, from the builder, a link or the API, works as well: the button then opens it in the builder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.records import filtering, filters
from crm.records.filters import All, Field, Filter, Operator, Rule
from crm.ui import refusals, session, words
from crm.ui.components import address, filter_builder, lazy

NOBODY = -1
DAYS = {
    1: later("Today"),
    7: later("Last 7 days"),
    30: later("Last 30 days"),
    90: later("Last 90 days"),
    365: later("Last 365 days"),
}


@dataclass(frozen=True)
class Quick:
    """One field of the popover: `contains` draws a text, `is` the field's options, `in_last_days` a few spans."""

    field: str
    label: str
    op: Operator
    nobody: str = ""
    """What to call records without a value, where these can be asked for."""


def from_address() -> Filter | None:
    """The filter of the address, for the page's query; one that cannot be read is refused in a sentence, left out."""
    try:
        return filters.parse(address.get("filter"))
    except Invalid as fault:
        refusals.show(fault)
        return None


def popover(quick: Sequence[Quick], plural: str, *, key: str, within: Filter | None = None) -> None:
    """Draw the button with its fields of the records with this plural, and the way to the builder. `key` sets this
    list's widgets apart; `within` is the filter of the segment that the list narrows further."""
    now = filter_builder.in_address()
    chosen = _values(now, quick)
    # A filter that does not fit into the popover is opened whole: its few that fit would pass for all of it.
    if now and not chosen:
        title, edit = tr("Filters"), words.badge(tr("edit"), "primary")
        filter_builder.button(plural, f"{title} {edit}", key=key)
    else:
        if quick:
            draw = partial(_fields, quick, plural, chosen, key=key)
            lazy.popover(tr("Filters"), draw, key=f"{key}-filters", icon=":material/filter_list:")
            if chosen:
                st.badge(f"{len(chosen)}", color="primary")
        filter_builder.button(plural, tr("Advanced filter"), key=key)
    filter_builder.drawer(plural, within=within)


def _fields(quick: Sequence[Quick], plural: str, chosen: Mapping[str, Any], *, key: str) -> None:
    fields = session.read(filtering.fields_of, plural)
    # Fields of modules that are off are not there.
    offered = [each for each in quick if each.field in fields]
    for each in offered:
        _widget(each, fields[each.field], chosen.get(each.field), offered, key)
    if chosen:
        st.button(tr("Clear all"), icon=":material/filter_list_off:", key=f"{key}-clear", on_click=clear)


def sentence(plural: str, *, key: str) -> None:
    """Draw the list's filter as a sentence, with a button that clears it; nothing without a filter."""
    now = filter_builder.in_address()
    if now is None:
        return
    said = session.read(filtering.sentence, now, plural)
    st.caption(f"·  {words.plain(said)}", width="content")
    st.button(tr("Clear"), type="tertiary", icon=":material/close:", key=f"{key}-clear-sentence", on_click=clear)


def clear() -> None:
    address.put("filter", "")


def _values(now: Filter | None, quick: Sequence[Quick]) -> dict[str, Any]:
    """{field: value} where the filter is one that the popover can show; empty where it is not."""
    rules = now.of if isinstance(now, All) else (now,) if now else ()
    found: dict[str, Any] = {}
    for rule in rules:
        # A field has one box: two rules on it do not fit.
        if not isinstance(rule, Rule) or rule.field in found or not any(_fits(rule, each) for each in quick):
            return {}
        found[rule.field] = NOBODY if rule.op == "is_empty" else rule.value
    return found


def _fits(rule: Rule, quick: Quick) -> bool:
    return rule.field == quick.field and (rule.op == quick.op or (rule.op == "is_empty" and bool(quick.nobody)))


def _widget(quick: Quick, field: Field, value: Any, every: Sequence[Quick], list_key: str) -> None:
    key = f"{list_key}-filter-{quick.field}"
    write: dict[str, Any] = {"key": key, "on_change": _write, "args": (tuple(every), list_key, address.place())}
    if quick.op == "contains":
        address.follow(key, value or "")
        st.text_input(tr(quick.label), **write)
        return
    options = _options(quick, field)
    if isinstance(value, int) and value not in options:
        # A link may have brought other days than those on offer.
        options = {**options, value: f"{value}"}
    address.follow(key, value)
    label = tr(quick.label)
    st.selectbox(label, list(options), index=None, placeholder=tr("Any"), format_func=options.__getitem__, **write)


def _options(quick: Quick, field: Field) -> dict[Any, str]:
    if quick.op == "in_last_days":
        return {days: tr(name) for days, name in DAYS.items()}
    if field.type is filters.FieldType.CHECKBOX:
        return {True: tr("Yes"), False: tr("No")}
    return {**({NOBODY: tr(quick.nobody)} if quick.nobody else {}), **(field.options or {})}


def _write(every: Sequence[Quick], list_key: str, drawn_for: str) -> None:
    if not address.is_at(drawn_for):
        return
    rules = []
    for quick in every:
        value = st.session_state.get(f"{list_key}-filter-{quick.field}")
        if value == NOBODY and quick.nobody:
            rules.append(Rule(field=quick.field, op="is_empty"))
        elif value is not None and value != "":
            rules.append(Rule(field=quick.field, op=quick.op, value=value))
    address.put("filter", filters.dump(All(of=tuple(rules))) if rules else "")
