"""Settings › Privacy: receipts of erasures, and the backups that may still hold those who were erased."""

import streamlit as st

from crm.foundation.language import later, plural, tr
from crm.platform import backups, process
from crm.platform.backups import Backup
from crm.privacy import erasing
from crm.privacy.erasing import Erasure
from crm.ui import refusals, session, words
from crm.ui.auth import confirming
from crm.ui.components.dialogs import dialog
from crm.ui.records.erasing import called

STATES: dict[str, tuple[str, words.Colour, str]] = {
    "queued": (later("Waiting"), "orange", ":material/hourglass_top:"),
    "erased": (later("Out of the tables; the store is being written anew"), "blue", ":material/sync:"),
    "done": (later("Done"), "green", ":material/check:"),
}
DONE = {
    "removed": later("Removed"),
    "unlinked": later("Stay, without a contact"),
    "blotted": later("Texts redacted in"),
}
OCCASIONS = {"backup": later("backup"), "before-restore": later("before restore")}
"""{label of a backup: its name}; the others are named by a migration."""
MIB = 2**20


def show() -> None:
    st.caption(
        tr(
            "Erasing and saving all that is held on a person is in the “More” menu of a contact. What stays of an "
            "erasure is its receipt, which names nobody."
        )
    )
    with session.reading() as tx:
        at_work = any(erasure.state != "done" for erasure in erasing.receipts(tx))
    # Polled only while an erasure is at work: a fragment with an interval never stops by itself.
    refusals.fragment(receipts, run_every=2.0 if at_work else None)(at_work)
    st.subheader(tr("Backups"), anchor=False)
    backup_list()


def receipts(was_at_work: bool) -> None:
    with session.reading() as tx:
        found = erasing.receipts(tx)
        locale = tx.actor.language
        time_zone = tx.actor.time_zone
    if was_at_work and all(erasure.state == "done" for erasure in found):
        st.rerun()  # the whole page: its fragment is then one that polls no more
    if not found:
        st.info(tr("Nobody was erased yet."), icon=":material/shield_person:")
    for erasure in found:
        receipt(erasure, time_zone, locale)


def receipt(erasure: Erasure, time_zone: str, locale: str) -> None:
    state, colour, icon = STATES[erasure.state]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                tr(
                    "**Receipt {id}** · contact number {contact_number}",
                    id=erasure.id,
                    contact_number=erasure.contact_number,
                ),
                width="stretch",
            )
            st.badge(tr(state), color=colour, icon=icon)
        st.caption(words.plain(_requested(erasure, time_zone, locale)))
        if lines := [f"{tr(DONE[done])}: {counted(counts)}" for done, counts in erasure.counts.items() if counts]:
            st.markdown("  \n".join(f":small[{line}]" for line in lines))
        if erasure.backups:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    ":material/warning: "
                    + plural(
                        "1 backup from before may still hold this person.",
                        "{count} backups from before may still hold this person.",
                        len(erasure.backups),
                    ),
                    width="stretch",
                )
                if st.button(tr("Delete these backups …"), key=f"drop-of-{erasure.id}", icon=":material/delete:"):
                    confirm_drop(erasure.backups)


def _requested(erasure: Erasure, time_zone: str, locale: str) -> str:
    name, moment = erasure.created_by_name, words.moment(erasure.created_at, time_zone, locale)
    if erasure.finished_at is None:
        return tr("Requested by {name} on {moment}.", name=name, moment=moment)
    ended = words.moment(erasure.finished_at, time_zone, locale)
    return tr("Requested by {name} on {moment}, done {ended}.", name=name, moment=moment, ended=ended)


def counted(counts: dict[str, int]) -> str:
    return words.plain(
        " · ".join(tr("{what} {count:,}", what=called(what), count=rows) for what, rows in counts.items())
    )


def backup_list() -> None:
    store = process.store()
    with session.reading() as tx:
        found = backups.listed(tx, store)
        locale = tx.actor.language
        time_zone = tx.actor.time_zone
    if not found:
        st.info(tr("There is no backup. Settings › Workspace makes one."), icon=":material/backup:")
    for copy in found:
        backup(copy, time_zone, locale)


def backup(copy: Backup, time_zone: str, locale: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.moment(copy.made_at, time_zone, locale)}**")
            size = tr("{size:,.1f} MiB", size=copy.size / MIB)
            st.caption(words.plain(f"{_occasion(copy)} · {size} · {copy.name}"))
        if st.button(tr("Delete …"), key=f"drop-{copy.name}", icon=":material/delete:", type="tertiary"):
            confirm_drop((copy.name,))


def _occasion(copy: Backup) -> str:
    if copy.label in OCCASIONS:
        return tr(OCCASIONS[copy.label])
    if copy.label.startswith("before-"):
        return tr("before {migration}", migration=copy.label.removeprefix("before-"))
    return copy.label.replace("-", " ")


@dialog(later("Delete for good?"), icon=":material/delete:")
def confirm_drop(names: tuple[str, ...]) -> None:
    st.markdown("\n".join(f"- {words.plain(name)}" for name in names))
    st.caption(tr("What only a backup holds is gone with it."))
    if not confirming.confirmed("drop-backups"):
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Keep")):
            st.rerun()
        if st.button(tr("Delete"), type="primary", icon=":material/delete:"):
            dropped = session.attempt_call(backups.drop, process.store(), session.actor(), names)
            if dropped is not None:
                st.rerun()
