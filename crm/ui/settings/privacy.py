"""Settings › Privacy: the receipts of erasures, and the backups that may still hold those who were erased."""

import streamlit as st

from crm.platform import backups, process, workspace
from crm.platform.backups import Backup
from crm.privacy import erasing
from crm.privacy.erasing import Erasure
from crm.ui import refusals, session, words
from crm.ui.auth import confirming
from crm.ui.records.erasing import called

STATES: dict[str, tuple[str, words.Colour, str]] = {
    "queued": ("Waiting", "orange", ":material/hourglass_top:"),
    "erased": ("Out of the tables; the store is being written anew", "blue", ":material/sync:"),
    "done": ("Done", "green", ":material/check:"),
}
DONE = {"removed": "Removed", "unlinked": "Go on without a contact", "blotted": "Texts blotted out in"}
MIB = 2**20


def show() -> None:
    st.caption(
        "Erasing and saving all that is held on a person is in the “More” menu of a contact. What stays of an erasure "
        "is its receipt, which names nobody."
    )
    with session.reading() as tx:
        at_work = any(one.state != "done" for one in erasing.receipts(tx))
    refusals.fragment(receipts, run_every=2.0 if at_work else None)(at_work)
    st.subheader("Backups", anchor=False)
    kept_backups()


def receipts(was_at_work: bool) -> None:
    with session.reading() as tx:
        found = erasing.receipts(tx)
        locale = workspace.get(tx).locale
        time_zone = tx.actor.time_zone
    if was_at_work and all(one.state == "done" for one in found):
        st.rerun()  # whole, and without looking again
    if not found:
        st.info("Nobody was erased yet.", icon=":material/shield_person:")
    for one in found:
        receipt(one, time_zone, locale)


def receipt(one: Erasure, time_zone: str, locale: str) -> None:
    said, colour, icon = STATES[one.state]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Receipt {one.id}** · contact number {one.contact_number}", width="stretch")
            st.badge(said, color=colour, icon=icon)
        ended = f", done {words.moment(one.finished_at, time_zone, locale)}" if one.finished_at else ""
        asked = f"Asked for by {one.created_by_name} on {words.moment(one.created_at, time_zone, locale)}{ended}."
        st.caption(words.plain(asked))
        if told := [f"{DONE[done]}: {counted(counts)}" for done, counts in one.counts.items() if counts]:
            st.markdown("  \n".join(f":small[{line}]" for line in told))
        if one.backups:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f":material/warning: {many(one.backups)} from before may still hold this person.",
                    width="stretch",
                )
                if st.button("Delete these backups …", key=f"drop-of-{one.id}", icon=":material/delete:"):
                    confirm_drop(one.backups)


def counted(counts: dict[str, int]) -> str:
    return words.plain(" · ".join(f"{called(what)} {rows:,}" for what, rows in counts.items()))


def many(names: tuple[str, ...]) -> str:
    return "1 backup" if len(names) == 1 else f"{len(names)} backups"


def kept_backups() -> None:
    store = process.store()
    with session.reading() as tx:
        found = backups.listed(tx, store)
        locale = workspace.get(tx).locale
        time_zone = tx.actor.time_zone
    if not found:
        st.info("There is no backup. Settings › Workspace makes one.", icon=":material/backup:")
    for one in found:
        backup(one, time_zone, locale)


def backup(one: Backup, time_zone: str, locale: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.moment(one.made_at, time_zone, locale)}**")
            st.caption(words.plain(f"{one.label.replace('-', ' ')} · {one.size / MIB:,.1f} MiB · {one.name}"))
        if st.button("Delete …", key=f"drop-{one.name}", icon=":material/delete:", type="tertiary"):
            confirm_drop((one.name,))


@st.dialog("Delete for good?", icon=":material/delete:")
def confirm_drop(names: tuple[str, ...]) -> None:
    st.markdown("\n".join(f"- {words.plain(name)}" for name in names))
    st.caption("What only a backup holds is gone with it.")
    if not confirming.asked("drop-backups"):
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep"):
            st.rerun()
        if st.button("Delete", type="primary", icon=":material/delete:"):
            dropped = session.tried(backups.drop, process.store(), session.actor(), names)
            if dropped is not None:
                st.rerun()
