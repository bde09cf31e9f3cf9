"""One record, and the search for the other one that it is to be merged with."""

import streamlit as st

from crm.foundation.errors import CrmError
from crm.records import duplicates, reading, registry
from crm.records.listing import ListQuery
from crm.ui import refusals, session, words
from crm.ui.duplicates import cards
from crm.ui.duplicates.address import Place, go, open_record

MOST = 8


def show(place: Place) -> None:
    with session.reading() as tx:
        try:
            record = reading.get(tx, place.type, place.left)
            alike = duplicates.look_up(tx, place.kind, place.left)
        except CrmError as refusal:
            refusals.show(refusal)
            return
        zone = tx.actor.time_zone
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(f"Merge {words.plain(record.shown_name)} with …", anchor=False)
        if st.button("Back", type="tertiary", icon=":material/arrow_back:", key="back-to-record"):
            open_record(place.kind, place.left)
    if alike:
        st.subheader("Possible duplicates", anchor=False)
    for pair in alike:
        other = pair.right if pair.left.id == place.left else pair.left
        with st.container(border=True, gap="small"):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                cards.head(place.kind, pair)
                if st.button("Compare and merge", icon=":material/merge:", key=f"compare-{other.id}"):
                    go(place.kind, left=place.left, right=other.id)
            with st.container(gap="xxsmall"):
                cards.one(place.kind, other, zone)
    _search(place, {pair.left.id for pair in alike} | {pair.right.id for pair in alike} | {place.left})


def _search(place: Place, shown: set[int]) -> None:
    st.subheader("Another one" if len(shown) > 1 else "Find the other one", anchor=False)
    query = st.text_input(
        f"Find a {place.kind}",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="Name, email, phone" if place.kind == "contact" else "Name or domain",
        label_visibility="collapsed",
        max_chars=200,
        key="find-other-one",
    ).strip()
    if not query:
        return
    with session.reading() as tx:
        page = registry.room(place.kind).find(tx, ListQuery(search=query, sort="name", limit=MOST))
    found = [row for row in page.items if row["id"] not in shown]
    if not found:
        st.caption("Nobody else matches." if place.kind == "contact" else "No other company matches.")
    for row in found:
        name = row["name"] or row.get("email") or row.get("phone")
        beside = row.get("email") or row.get("company_name") or row.get("domain")
        label = words.plain(f"{name} · {beside}" if beside and beside != name else name)
        if st.button(label, type="tertiary", icon=":material/merge:", key=f"other-{row['id']}"):
            go(place.kind, left=place.left, right=row["id"])
