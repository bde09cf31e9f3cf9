"""An order in a drawer: a new one, or one that the address names as `order`, with its way through the statuses."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from crm import contacts, deals, orders
from crm.foundation import money
from crm.foundation.access import Module, Permission
from crm.foundation.errors import NotFound
from crm.orders import Order, Step
from crm.orders.declaration import SOURCE_NAMES
from crm.orders.statuses import STATUS_NAMES
from crm.platform import workspace
from crm.records.listing import ListQuery
from crm.ui import refusals, session, words
from crm.ui.components import address, days
from crm.ui.forms import drawer_form
from crm.ui.orders import table

NEW = "new-order"
_PRESET = "new-order-preset"
FOUND = 20


def start_new(**preset: Any) -> None:
    """Callback: open the form of a new order; `preset` are fields that it begins with, names of records beside ids."""
    close()
    drawer_form.start(NEW)
    st.session_state[_PRESET] = preset


def close() -> None:
    st.query_params.pop("order", None)
    drawer_form.close()


def show() -> None:
    """Whichever of the two is wanted now; one dialog at a time."""
    order_id = address.record_id("order")
    if order_id:
        if not drawer_form.is_open(f"order-{order_id}"):
            drawer_form.start(f"order-{order_id}")
        _one(order_id)
    elif drawer_form.is_open(NEW):
        _new()


@st.dialog("New order", width="medium", position="right", icon=":material/add_shopping_cart:", on_dismiss=close)
def _new() -> None:
    actor = session.actor()
    with session.reading() as tx:
        today = tx.today
    base = {"currency": actor.currency, "status": "pending", "source": "manual", "ordered_on": today}
    given = _fields(base | st.session_state.get(_PRESET, {}))
    if st.button("Add order", type="primary", icon=":material/check:", key=drawer_form.key("save")):
        _said(drawer_form.save(orders.create, **given))


@st.dialog("Order", width="medium", position="right", icon=":material/receipt_long:", on_dismiss=close)
def _one(order_id: int) -> None:
    with session.reading() as tx:
        try:
            order = orders.get(tx, order_id)
        except NotFound as refusal:
            refusals.show(refusal)
            return
        steps = orders.history(tx, order_id)
        actor, locale = tx.actor, workspace.get(tx).locale
    for warning in order.warnings:
        st.warning(words.plain(warning), icon=":material/warning:")
    if actor.may(Permission.MANAGE_CRM):
        _edit(order)
    else:
        _facts(order, locale)
    _history(steps, actor.time_zone, locale)
    _links(order, with_deals=actor.has(Module.CRM))


def _edit(order: Order) -> None:
    base = drawer_form.seen(order)
    given = _fields(base)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if st.button("Save", type="primary", icon=":material/save:", key=drawer_form.key("save")):
            changes = drawer_form.differing(base, given)
            _said(drawer_form.save(orders.edit, order.id, version=base["version"], **changes))
        if st.button("Delete", icon=":material/delete:", type="tertiary", key=drawer_form.key("delete")):
            with st.spinner("Into the bin …"):
                session.attempt(orders.delete, order.id, version=base["version"])
            close()
            st.toast("In the bin for 30 days.", icon=":material/delete:")
            st.rerun()


def _said(saved: Order | None) -> None:
    """Closes the drawer of what was saved, and says what makes no sense about it."""
    if saved is None:
        return
    close()
    st.toast("Saved.", icon=":material/check:")
    for warning in saved.warnings:
        st.toast(words.plain(warning), icon=":material/warning:")
    st.rerun()


def _fields(base: Mapping[str, Any]) -> dict[str, Any]:
    """The widgets, and what they hold now."""
    given: dict[str, Any] = {"title": st.text_input("Title", base.get("title") or "", key=drawer_form.key("title"))}
    given["contact_id"] = _contact(base)
    left, right = st.columns(2)
    with left:
        given["value"] = _value(base)
        given["status"] = _choice("Status", "status", STATUS_NAMES, base)
        given["source"] = _choice("Source", "source", SOURCE_NAMES, base)
        given["deal_id"] = _deal(base, given["contact_id"])
    with right:
        codes = sorted(money.CURRENCIES)
        given["currency"] = st.selectbox(
            "Currency", codes, index=codes.index(base["currency"]), key=drawer_form.key("currency")
        )
        given["ordered_on"] = _day("Ordered", "ordered_on", base)
        given["paid_on"] = _day("Paid on", "paid_on", base)
        given["external_id"] = st.text_input(
            "External id",
            base.get("external_id") or "",
            help="What the source calls it: the same one again is the same order.",
            key=drawer_form.key("external_id"),
        )
    given["note"] = st.text_area("Note", base.get("note") or "", height=80, key=drawer_form.key("note"))
    return given


def _value(base: Mapping[str, Any]) -> Decimal | None:
    now = base.get("value")
    typed = st.number_input(
        "Value",
        min_value=0.0,
        value=None if now is None else float(now),
        step=None,
        format="%.2f",
        key=drawer_form.key("value"),
    )
    return None if typed is None else Decimal(str(typed))


def _choice(label: str, field: str, options: Mapping[str, str], base: Mapping[str, Any]) -> str:
    chosen = st.selectbox(
        label,
        list(options),
        index=list(options).index(base[field]),
        format_func=options.__getitem__,
        key=drawer_form.key(field),
    )
    return str(chosen)


def _day(label: str, field: str, base: Mapping[str, Any]) -> date | None:
    return days.ask(label, base.get(field), key=drawer_form.key(field))


def _contact(base: Mapping[str, Any]) -> int | None:
    """One of very many: a search box whose hits are on offer above it."""
    key = drawer_form.key("contact_id")
    query = str(st.session_state.get(f"{key}-search") or "")
    held = {base["contact_id"]: base.get("contact_name") or "–"} if base.get("contact_id") else {}
    chosen = st.session_state.get(key)
    with session.reading() as tx:
        hits = contacts.find(tx, ListQuery(search=query, limit=FOUND)).items if query else []
        kept = contacts.find_one(tx, chosen) if chosen and chosen not in held else None
    offered = held | ({kept.id: kept.shown_name} if kept else {})
    offered |= {row["id"]: row["name"] or row["email"] or row["phone"] for row in hits}
    found: int | None = st.selectbox(
        "Contact",
        list(offered),
        index=0 if held else None,
        format_func=lambda one: offered.get(one, "–"),
        placeholder="Find one below",
        key=key,
    )
    st.text_input(
        "Find a contact",
        type="search",
        live=True,
        placeholder="Find a contact …",
        icon=":material/search:",
        label_visibility="collapsed",
        key=f"{key}-search",
    )
    if query:
        st.caption(f"{len(hits)} found: choose above." if hits else "Nobody found.")
    return found


def _deal(base: Mapping[str, Any], contact_id: int | None) -> int | None:
    """One of the contact's deals, or the one that the order has."""
    if not session.actor().has(Module.CRM):
        return base.get("deal_id")
    held = {base["deal_id"]: base.get("deal_title") or "–"} if base.get("deal_id") else {}
    with session.reading() as tx:
        theirs = deals.of_contact(tx, contact_id) if contact_id else []
    offered = held | {row["id"]: row["title"] for row in theirs}
    found: int | None = st.selectbox(
        "Deal",
        [None, *offered],
        index=1 if held else 0,
        format_func=lambda one: offered.get(one, "–") if one else "–",
        key=f"{drawer_form.key('deal_id')}-{contact_id}",
    )
    return found


def _facts(order: Order, locale: str) -> None:
    shown = {
        "Title": order.title,
        "Contact": order.contact_name or "–",
        "Value": money.shown(order.value, order.currency, locale),
        "Status": table.status(order.status),
        "Ordered": words.day(order.ordered_on, locale),
        "Paid on": words.day(order.paid_on, locale),
        "Source": SOURCE_NAMES[order.source],
        "External id": order.external_id or "–",
        "Deal": order.deal_title or "–",
        "Note": order.note or "–",
    }
    st.table({label: words.plain(value) for label, value in shown.items()}, border="horizontal")


def _history(steps: list[Step], zone: str, locale: str) -> None:
    """Newest first."""
    st.subheader("Status history", anchor=False)
    shown = steps[::-1]
    st.dataframe(
        pl.DataFrame(
            {
                "Status": [table.status(step.to_status) for step in shown],
                "Before": [STATUS_NAMES[step.from_status] if step.from_status else "–" for step in shown],
                "When": [words.moment(step.at, zone, locale) for step in shown],
                "By": [step.by_name for step in shown],
            }
        ),
        hide_index=True,
        height="content",
        alt="Every status this order was in",
    )


def _links(order: Order, *, with_deals: bool) -> None:
    with st.container(horizontal=True):
        if order.contact_name:
            st.page_link(
                "pages/contact.py",
                label=words.plain(order.contact_name),
                icon=":material/person:",
                query_params={"contact": str(order.contact_id)},
            )
        if order.deal_title and with_deals:
            st.page_link(
                "pages/deal.py",
                label=words.plain(order.deal_title),
                icon=":material/handshake:",
                query_params={"deal": str(order.deal_id)},
            )
