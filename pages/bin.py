"""Bin: the records that were deleted in the last 30 days, by whom, and their restoring."""

import polars as pl
import streamlit as st

from crm.foundation.access import Actor
from crm.foundation.language import capitalized, plural, tr
from crm.records import bin as the_bin
from crm.records import registry, restoring, subjects
from crm.records.bin import BIN_DAYS
from crm.records.declaration import Trait
from crm.records.listing import Page
from crm.ui import live, refusals, session, words
from crm.ui.components import address

ROWS = 50
EVERYTHING = "all"
LEFT = "bin-left"
"""What the last restoring left in the bin, and why."""


def kinds(actor: Actor) -> dict[str, str]:
    binned = [of for of in registry.having(Trait.BIN) if of.is_on(actor)]
    return {EVERYTHING: tr("Everything")} | {of.key: capitalized(of.many) for of in binned}


@refusals.fragment
def whole_bin() -> None:
    live.on_change(*registry.types(), key="bin-live")
    offered = kinds(session.actor())
    with st.container(horizontal=True, vertical_alignment="center"):
        address.search(tr("Name"), key="bin-search")
        kind = address.choice(tr("Kind"), "kind", offered, default=EVERYTHING, key="bin-kind")
    with session.reading() as tx:
        page = the_bin.listed(
            tx,
            None if kind == EVERYTHING else kind,
            search=address.get("q"),
            limit=ROWS,
            offset=(address.number("page", 1, most=20_000) - 1) * ROWS,
        )
        locale, actor = tx.actor.language, tx.actor
    for left in st.session_state.get(LEFT, ()):  # until the next try
        st.warning(words.plain(left.why), icon=":material/error:")
    if not page.items:
        address.turn_back(page.total, ROWS)
        nothing(narrowed=bool(address.get("q")) or kind != EVERYTHING)
        return
    st.caption(
        plural(
            "{count:,} record, each for {days} days. Tick some.",
            "{count:,} records, each for {days} days. Tick some.",
            page.total,
            days=BIN_DAYS,
        )
    )
    chosen = table(page, actor, locale)
    restore_button(page, chosen, actor)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(page.total, ROWS, key="bin-page")


def nothing(*, narrowed: bool) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        if narrowed:
            st.subheader(tr("Nothing in the bin matches"), anchor=False, width="content")
            return
        st.subheader(tr("The bin is empty"), anchor=False, width="content")
        st.caption(tr("What somebody deletes waits here for {days} days.", days=BIN_DAYS), width="content")


def table(page: Page, actor: Actor, locale: str) -> list[int]:
    """Draw the page; the places of the rows that are ticked."""
    name, shown_kinds = tr("Name"), [row["kind"] for row in page.items]
    frame = pl.DataFrame(
        {
            name: [row["shown_name"] for row in page.items],
            tr("Kind"): [capitalized(registry.one_of(kind)) for kind in shown_kinds],
            tr("Deleted"): [words.moment(row["deleted_at"], actor.time_zone, locale) for row in page.items],
            tr("By"): [row["deleted_by"] for row in page.items],
        }
    )
    with st.container(key="records-bin"):
        chosen = st.dataframe(
            frame,
            hide_index=True,
            column_config={name: st.column_config.TextColumn(width=360)},
            on_select="rerun",
            selection_mode="multi-row",
            height="content",
            placeholder="–",
            # A grid holds its ticks by place: other rows are another grid.
            key=f"bin-{hash(tuple((row['kind'], row['id']) for row in page.items))}",
            alt=tr("Records in the bin"),
        )
    return list(chosen.selection.rows)


def restore_button(page: Page, chosen: list[int], actor: Actor) -> None:
    records = [(page.items[place]["kind"], page.items[place]["id"]) for place in chosen]
    allowed = [record for record in records if actor.may(subjects.permission(record[0]))]
    if not any(actor.may(subjects.permission(kind)) for kind in subjects.kinds(Trait.BIN)):
        return
    label = tr("Restore {count}", count=len(allowed)) if allowed else tr("Restore")
    if st.button(label, type="primary", icon=":material/restore_from_trash:", disabled=not allowed):
        restored = session.attempt(restoring.restore, allowed)
        if restored:
            st.session_state[LEFT] = restored.left
            st.rerun()


st.title(tr("Bin"), anchor=False)
whole_bin()
