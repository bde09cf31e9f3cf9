"""The search for the record that another one is to be merged with."""

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.records import duplicates, reading, registry
from crm.records.listing import ListQuery
from crm.ui import record_links, refusals, session, words
from crm.ui.duplicates import cards
from crm.ui.duplicates.address import Place, go

MOST = 8
PLACEHOLDERS = {"contact": later("Name, email, phone"), "company": later("Name or domain")}


def show(place: Place) -> None:
    with session.reading() as tx:
        try:
            record = reading.get(tx, place.type, place.left)
            alike = duplicates.look_up(tx, place.kind, place.left) if place.type.duplicate_rules else []
        except CrmError as refusal:
            refusals.show(refusal)
            return
        zone = tx.actor.time_zone
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(tr("Merge {name} with …", name=words.plain(record.shown_name)), anchor=False)
        if st.button(tr("Back"), type="tertiary", icon=":material/arrow_back:", key="back-to-record"):
            record_links.open_record(place.kind, place.left)
    if alike:
        st.subheader(tr("Possible duplicates"), anchor=False)
    for pair in alike:
        other = pair.right if pair.left.id == place.left else pair.left
        with st.container(border=True, gap="small"):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                cards.head(place.kind, pair)
                if st.button(tr("Compare and merge"), icon=":material/merge:", key=f"compare-{other.id}"):
                    go(place.kind, left=place.left, right=other.id)
            with st.container(gap="xxsmall"):
                cards.record(place.kind, other, zone)
    _search(place, {pair.left.id for pair in alike} | {pair.right.id for pair in alike} | {place.left})


def _search(place: Place, shown: set[int]) -> None:
    st.subheader(tr("Another one") if len(shown) > 1 else tr("Find the other one"), anchor=False)
    query = st.text_input(
        tr("Find a {kind}", kind=place.type.one),
        type="search",
        live=True,
        icon=":material/search:",
        placeholder=tr(PLACEHOLDERS.get(place.kind, later("Name"))),
        label_visibility="collapsed",
        max_chars=200,
        key="find-other-one",
    ).strip()
    if not query:
        return
    of = place.type
    title = of.fields[of.title[0]]
    sort = of.title[0] if title.sort else of.default_sort
    with session.reading() as tx:
        page = registry.room(place.kind).find(tx, ListQuery(search=query, sort=sort, limit=MOST))
    found = [row for row in page.items if row["id"] not in shown]
    if not found:
        nobody = place.kind == "contact"
        st.caption(tr("Nobody else matches.") if nobody else tr("No other {kind} matches.", kind=place.type.one))
    for row in found:
        name = of.name_of(row)
        detail = row.get("email") or row.get("company_name") or row.get("domain")
        label = words.plain(f"{name} · {detail}" if detail and detail != name else name)
        if st.button(label, type="tertiary", icon=":material/merge:", key=f"other-{row['id']}"):
            go(place.kind, left=place.left, right=row["id"])
