"""The list of pairs: those to decide, those that are none, and the merges."""

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import capitalized, later, plural, tr
from crm.records import duplicates
from crm.records.duplicates import Pair, PairQuery, Run
from crm.ui import live, refusals, session
from crm.ui.components import address
from crm.ui.duplicates import bulk, cards, decided, scans
from crm.ui.duplicates.address import Place, go, kinds

ROWS = 10
SCORES = {
    "0": later("Any score"),
    "60": later("Score 60 or more"),
    "75": later("Score 75 or more"),
    "90": later("Score 90 or more"),
    "95": later("Score 95 or more"),
}
TABS = {"open": later("To decide"), "apart": later("Not duplicates"), "merged": later("Merged")}


def show(place: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(tr("Duplicates"), anchor=False)
        scans.again(place.kind)
    scans.summary(place.kind)
    with st.container(horizontal=True, vertical_alignment="center"):
        _switch("kind", tr("Records"), kinds(), "contact")
        tab = _switch("tab", tr("State"), {name: tr(label) for name, label in TABS.items()}, "open")
    {"open": to_decide, "apart": decided.told_apart, "merged": decided.merged}[tab](place)


@refusals.fragment
def to_decide(place: Place) -> None:
    if place.type.duplicate_rules is None:
        with st.container(border=True, horizontal_alignment="center"):
            kinds_of = capitalized(place.type.many)
            alone = tr("{kinds} are not compared by themselves", kinds=kinds_of)
            st.subheader(alone, anchor=False, width="content")
            st.caption(tr("Two of them are merged from the page of one: More › Merge with …"), width="content")
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
            st.subheader(tr("No pair matches"), anchor=False, width="content")
            st.caption(tr("Try fewer words, another reason or a lower score."), width="content")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(plural("{count:,} pair", "{count:,} pairs", found.total), width="content")
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
                tr("Not duplicates"),
                type="tertiary",
                icon=":material/call_split:",
                key=f"apart-{name}",
                on_click=session.attempt,
                args=(duplicates.mark_distinct, place.kind, [(pair.left.id, pair.right.id)]),
            )
            if st.button(tr("Compare and merge"), icon=":material/merge:", key=f"compare-{name}"):
                go(place.kind, left=pair.left.id, right=pair.right.id)
        cards.both(place.kind, (pair.left, pair.right), zone)


def _query(kind: str) -> PairQuery:
    reason = address.get("reason")
    return PairQuery(
        kind,
        least_score=address.number("score", 0, most=99),
        reason=reason if reason in duplicates.reasons(kind) else None,
        search=address.get("q"),
        limit=ROWS,
        offset=(address.number("page", 1, most=100_000) - 1) * ROWS,
    )


def _toolbar(place: Place, reasons: dict[str, int]) -> None:
    options = {"": tr("Any reason")} | {
        reason: tr("{reason} ({count:,})", reason=tr(duplicates.SHORT[reason]), count=reasons[reason])
        for reason in duplicates.reasons(place.kind)
        if reason in reasons
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        address.search(tr("Name of one of them"), key="duplicates-search")
        address.choice(tr("Reason"), "reason", options, default="", key=f"duplicates-reason-{place.kind}")
        scores = {least: tr(label) for least, label in SCORES.items()}
        address.choice(tr("Score"), "score", scores, default="0", key="duplicates-score")


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
    kinds_of = place.type.many
    with st.container(border=True, horizontal_alignment="center"):
        if scanned:
            st.subheader(tr("No duplicates wait for you"), anchor=False, width="content")
            compared = tr("The last scan compared all {kinds}. Scan again when many came in.", kinds=kinds_of)
            st.caption(compared, width="content")
            return
        st.subheader(tr("Your {kinds} were not compared yet", kinds=kinds_of), anchor=False, width="content")
        st.caption(
            tr("A scan compares names, emails, phones and companies in all their spellings. It changes nothing."),
            width="content",
        )
        scans.button(place.kind, first=True)
