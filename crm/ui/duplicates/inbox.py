"""The list of pairs: those to decide, those that are none, and the merges."""

import streamlit as st

from crm.foundation.errors import CrmError
from crm.records import duplicates
from crm.records.duplicates import Pair, PairQuery, Run
from crm.ui import live, refusals, session
from crm.ui.components import address
from crm.ui.duplicates import bulk, cards, decided, scans
from crm.ui.duplicates.address import Place, go, kinds

ROWS = 10
SCORES = {
    "0": "Any score",
    "60": "Score 60 or more",
    "75": "Score 75 or more",
    "90": "Score 90 or more",
    "95": "Score 95 or more",
}
TABS = {"open": "To decide", "apart": "Not duplicates", "merged": "Merged"}


def show(place: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Duplicates", anchor=False)
        scans.again(place.kind)
    scans.summary(place.kind)
    bulk.offer_undo()
    with st.container(horizontal=True, vertical_alignment="center"):
        _switch("kind", "Records", kinds(), "contact")
        tab = _switch("tab", "State", TABS, "open")
    {"open": to_decide, "apart": decided.told_apart, "merged": decided.merged}[tab](place)


@refusals.fragment
def to_decide(place: Place) -> None:
    if place.type.duplicate_rules is None:
        with st.container(border=True, horizontal_alignment="center"):
            plural = place.type.plural
            st.subheader(f"{plural.capitalize()} are not compared by themselves", anchor=False, width="content")
            st.caption("Two of them are merged from the page of one: More › Merge with …", width="content")
        return
    live.on_change(place.kind, "duplicate_run", key=f"duplicates-live-{place.kind}")
    query = _query(place.kind)
    with session.reading() as tx:
        try:
            found = duplicates.find(tx, query)
        except CrmError as refusal:
            # Such as a search that is too long: said, and answered with everything.
            refusals.show(refusal)
            query = PairQuery(place.kind, limit=ROWS)
            found = duplicates.find(tx, query)
        reasons = duplicates.by_reason(tx, place.kind)
        scanned = duplicates.last(tx, place.kind, "scan")
        zone = tx.actor.time_zone
    if not found.items:
        address.turn_back(found.total, ROWS)
    narrowed = bool(query.search or query.reason or query.least_score)
    if not narrowed and not found.items:
        _empty(place, scanned)
        return
    _toolbar(place, reasons)
    if not found.items:
        with st.container(border=True, horizontal_alignment="center"):
            st.subheader("No pair matches", anchor=False, width="content")
            st.caption("Try fewer words, another reason or a lower score.", width="content")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"{found.total:,} {'pair' if found.total == 1 else 'pairs'}", width="content")
        bulk.menu(query, found)
    for pair in found.items:
        card(place, pair, zone)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(found.total, ROWS, key="duplicates-page")


def card(place: Place, pair: Pair, zone: str) -> None:
    with st.container(border=True, gap="small"):
        name = f"{pair.left.id}-{pair.right.id}"
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            cards.head(place.kind, pair)
            st.button(
                "Not duplicates",
                type="tertiary",
                icon=":material/call_split:",
                key=f"apart-{name}",
                on_click=session.attempt,
                args=(duplicates.mark_distinct, place.kind, [(pair.left.id, pair.right.id)]),
            )
            if st.button("Compare and merge", icon=":material/merge:", key=f"compare-{name}"):
                go(place.kind, left=pair.left.id, right=pair.right.id)
        cards.both(place.kind, (pair.left, pair.right), zone)


def _query(kind: str) -> PairQuery:
    reason = address.get("reason")
    return PairQuery(
        kind,
        least_score=address.number("score", 0, most=99),
        reason=reason if reason in duplicates.REASONS[kind] else None,
        search=address.get("q"),
        limit=ROWS,
        offset=(address.number("page", 1, most=100_000) - 1) * ROWS,
    )


def _toolbar(place: Place, reasons: dict[str, int]) -> None:
    options = {"": "Any reason"} | {
        reason: f"{duplicates.SHORT[reason]} ({reasons[reason]:,})"
        for reason in duplicates.REASONS[place.kind]
        if reason in reasons
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        address.search("Name of one of them", key="duplicates-search")
        address.choice("Reason", "reason", options, default="", key=f"duplicates-reason-{place.kind}")
        address.choice("Score", "score", SCORES, default="0", key="duplicates-score")


def _switch(name: str, label: str, options: dict[str, str], default: str) -> str:
    """Draw a few choices beside each other, kept in the address; the one chosen."""
    now = address.get(name, default)
    chosen = now if now in options else default
    key = f"duplicates-{name}"
    address.follow(key, chosen)
    st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        required=True,
        default=None,
        label_visibility="collapsed",
        key=key,
        on_change=_write,
        args=(name, key, default),
    )
    return chosen


def _write(name: str, key: str, default: str) -> None:
    # Another kind or tab is another list: what narrowed the former need not exist there.
    for narrowing in ("reason", "score", "q"):
        address.put(narrowing, "")
    address.put(name, st.session_state[key] or default, default)


def _empty(place: Place, scanned: Run | None) -> None:
    if scanned and scanned.at_work:
        return  # the summary above shows the scan at work
    with st.container(border=True, horizontal_alignment="center"):
        if scanned:
            st.subheader("No duplicates wait for you", anchor=False, width="content")
            st.caption(
                f"The last scan compared all {place.type.plural}. Scan again when many came in.", width="content"
            )
            return
        st.subheader(f"Your {place.type.plural} were not compared yet", anchor=False, width="content")
        st.caption(
            "A scan compares names, emails, phones and companies in all their spellings. It changes nothing.",
            width="content",
        )
        scans.button(place.kind, first=True)
