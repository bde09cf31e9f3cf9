"""The search for the record that another one is to be merged with."""

import streamlit as st

from crm.foundation.errors import CrmError
from crm.records import duplicates, reading, registry
from crm.records.listing import ListQuery
from crm.ui import record_links, refusals, session, words
from crm.ui.duplicates import cards
from crm.ui.duplicates.address import Place, go

MOST = 8
PLACEHOLDERS = {"contact": "Name, email, phone", "company": "Name or domain"}


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
        st.title(f"Merge {words.plain(record.shown_name)} with …", anchor=False)
        if st.button("Back", type="tertiary", icon=":material/arrow_back:", key="back-to-record"):
            record_links.open_record(place.kind, place.left)
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
                cards.record(place.kind, other, zone)
    _search(place, {pair.left.id for pair in alike} | {pair.right.id for pair in alike} | {place.left})


def _search(place: Place, shown: set[int]) -> None:
    st.subheader("Another one" if len(shown) > 1 else "Find the other one", anchor=False)
    query = st.text_input(
        f"Find a {place.kind}",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder=PLACEHOLDERS.get(place.kind, "Name"),
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
        st.caption("Nobody else matches." if place.kind == "contact" else f"No other {place.kind} matches.")
    for row in found:
        name = of.name_of(row)
        detail = row.get("email") or row.get("company_name") or row.get("domain")
        label = words.plain(f"{name} · {detail}" if detail and detail != name else name)
        if st.button(label, type="tertiary", icon=":material/merge:", key=f"other-{row['id']}"):
            go(place.kind, left=place.left, right=row["id"])
