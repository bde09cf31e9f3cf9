"""Bulk changes of picked records: choose, preview, apply, undo."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError
from crm.platform.people import users
from crm.records import bulk, labels
from crm.records.bulk import Action, BulkChange, Change, Left, Preview
from crm.records.declaration import HasMany, RecordType
from crm.ui import refusals, session, words
from crm.ui.components import picker
from crm.ui.forms import drawer_form
from crm.ui.forms.draft import forget
from crm.ui.lists import deal_choices, exporting, order_choices, picking
from crm.ui.lists.picking import Picked
from crm.ui.lists.wording import many

IN_SIGHT = (Action.MOVE, Action.SET_STATUS, Action.ADD_LABEL, Action.SET_OWNER)
"""Actions with a button of their own; the others are in the menu beside them."""

NOBODY = 0
_COUNT_SHOWN = "bulk-looked-at"
_CHOSEN = "bulk-chosen"


def bar(of: RecordType[Any], found: Picked, *, key: str, filter: str | None = None) -> None:
    """The buttons and the menu of what can be done with the picked records."""
    offered, operations = bulk.offered(of, session.actor()), bulk.operations(of)
    for action in offered:
        if action in IN_SIGHT:
            st.button(
                operations[action].label,
                icon=f":material/{operations[action].icon}:",
                key=f"{key}-bulk-{action}",
                on_click=start,
                args=(of, action, found),
            )
    rest = [action for action in offered if action not in IN_SIGHT]
    if rest:
        chosen = st.menu_button(
            "More",
            rest,
            format_func=lambda action: f":material/{operations[action].icon}: {operations[action].label}",
            icon=":material/more_horiz:",
            key=f"{key}-bulk-more",
        )
        if chosen:
            start(of, chosen, found)
    exporting.menu(of, found, key=f"{key}-picked", filter=filter)


def start(of: RecordType[Any], action: Action, found: Picked) -> None:
    """Open the action's dialog in this run or, called from a callback, in the next."""
    drawer_form.start(_dialog_of(of))
    st.session_state[_dialog_of(of)] = (action, found)
    st.session_state.pop(_COUNT_SHOWN, None)
    forget(_CHOSEN)


def _dialog_of(of: RecordType[Any]) -> str:
    return f"{of.plural}-bulk"


def is_started(of: RecordType[Any]) -> bool:
    return drawer_form.is_open(_dialog_of(of))


def ask_if_started(of: RecordType[Any], *, key: str) -> None:
    """The dialog of the chosen action, for what was picked when it was chosen."""
    if not is_started(of):
        return
    action, found = st.session_state[_dialog_of(of)]
    operation = bulk.operations(of)[action]
    title = f"{operation.label}: {many(found.many, of)}"

    @st.dialog(title, icon=f":material/{operation.icon}:", on_dismiss=drawer_form.close)
    def dialog() -> None:
        change = _CHOICES[action]() if action in _CHOICES else Change(action=action)
        if change is None:
            return
        with session.reading() as tx:
            try:
                preview = bulk.preview(tx, of.plural, found.query, change)
            except CrmError as refusal:
                refusals.show(refusal)
                return
        count_shown = st.session_state.get(_COUNT_SHOWN, preview.matched)
        st.session_state[_COUNT_SHOWN] = preview.matched
        _show_preview(preview, of, change)
        _confirm(of, found, change, preview, count_shown, key=key)

    dialog()


def _confirm(
    of: RecordType[Any], found: Picked, change: Change, preview: Preview, count_shown: int, *, key: str
) -> None:
    """`count_shown`: how many matched when the button was drawn. `apply` refuses if others have come since."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        st.caption("All of it can be undone in one step.", width="stretch")
        word = "Delete" if bulk.operations(of)[change.action].deletes else "Change"
        sure = st.button(
            f"{word} {many(preview.changing, of)}",
            type="primary",
            icon=":material/check:",
            disabled=not preview.changing,
            key="bulk-apply",
        )
    if not sure:
        return
    # Records picked by hand cannot become more; those that match a filter can, between the look and the click.
    expected = count_shown if found.all_that_match else None
    made = drawer_form.save(bulk.apply, of.plural, found.query, change, expected=expected)
    if made:
        picking.clear(key)
        st.session_state[_done(of)] = made.id
        st.rerun()


def _show_preview(preview: Preview, of: RecordType[Any], change: Change) -> None:
    """How many would change and which, how many are so already, and how many cannot be changed and why."""
    st.markdown(f"**{many(preview.changing, of)}** would change.")
    if preview.examples:
        more = preview.changing - len(preview.examples)
        names = ", ".join(words.plain(name) for name in preview.examples)
        st.caption(f"{names}{f' and {more:,} more' if more else ''}")
    if preview.already:
        st.markdown(f":material/check: {many(preview.already, of)} already so: left as they are.")
    if preview.gone:
        st.markdown(f":material/visibility_off: {many(preview.gone, of)} no longer there, or not yours to see.")
    for refusal in preview.refusals:
        few = ", ".join(words.plain(name) for name in refusal.examples)
        more = refusal.many - len(refusal.examples)
        st.markdown(
            f":material/block: {many(refusal.many, of)} left as they are: {words.plain(refusal.because)}  \n"
            f":small[{few}{f' and {more:,} more' if more else ''}]"
        )
    if preview.out_of_sight:
        st.warning(f"You will not see {many(preview.out_of_sight, of)} any more.", icon=":material/visibility_off:")
    if bulk.operations(of)[change.action].deletes and preview.changing:
        have_deals = any(isinstance(link, HasMany) and link.plural == "deals" for link in of.links)
        rest = " Their deals stay." if have_deals else ""
        st.markdown(f":material/delete: They go to the bin and can be restored for 30 days.{rest}")


def _chosen_label(*, new: bool) -> Change | None:
    with session.reading() as tx:
        names = [label.name for label in labels.all_of(tx)]
    placeholder = "Choose or type a new one" if new else "Choose a label"
    name = st.selectbox("Label", names, index=None, placeholder=placeholder, accept_new_options=new, key="bulk-label")
    return Change(action=Action.ADD_LABEL if new else Action.REMOVE_LABEL, label=name) if name else None


def _chosen_owner() -> Change | None:
    with session.reading() as tx:
        people = {person.id: person.name for person in users.everyone(tx) if person.active}
    named = {NOBODY: "Nobody", **people}
    owner_id = st.selectbox(
        "Owner", list(named), index=None, format_func=named.__getitem__, placeholder="Choose", key="bulk-owner"
    )
    return None if owner_id is None else Change(action=Action.SET_OWNER, owner_id=owner_id or None)


def _chosen_company() -> Change | None:
    if st.toggle("Take them out of their company", key=f"{_CHOSEN}-no-company"):
        return Change(action=Action.SET_COMPANY)
    picker.field("Company", "company", key=f"{_CHOSEN}-company", nothing="Name or domain")
    company_id = st.session_state[f"{_CHOSEN}-company"]
    return None if company_id is None else Change(action=Action.SET_COMPANY, company_id=company_id)


_CHOICES: dict[Action, Callable[[], Change | None]] = {
    Action.MOVE: deal_choices.stage,
    Action.WIN: lambda: deal_choices.closing(Action.WIN),
    Action.LOSE: lambda: deal_choices.closing(Action.LOSE),
    Action.SET_STATUS: order_choices.status,
    Action.ADD_LABEL: lambda: _chosen_label(new=True),
    Action.REMOVE_LABEL: lambda: _chosen_label(new=False),
    Action.SET_OWNER: _chosen_owner,
    Action.SET_COMPANY: _chosen_company,
}
"""What is asked before an action; the others have nothing to choose."""


def _done(of: RecordType[Any]) -> str:
    return f"{of.plural}-bulk-done"


def offer_way_back(of: RecordType[Any]) -> None:
    """After a change: what was done and the undo; after an undo, which records it left alone."""
    change_id = st.session_state.get(_done(of))
    if change_id is None:
        return
    with session.reading() as tx:
        change = bulk.get(tx, change_id)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        icon = "undo" if change.undone_at else bulk.operations(of)[change.action].icon
        st.markdown(f":material/{icon}: {sentence(change, of)}", width="stretch")
        if not change.undone_at and st.button("Undo", icon=":material/undo:", key="bulk-undo"):
            undo(change)
        if change.left and st.button("Show them", key="bulk-left"):
            show_left(change)
        if change.refused and not change.undone_at and st.button("Show refused", key="bulk-refused"):
            show_refused(change)
        if st.button("Dismiss", type="tertiary", icon=":material/close:", key="bulk-dismiss"):
            del st.session_state[_done(of)]
            st.rerun()


def undo(change: BulkChange) -> None:
    if session.done(bulk.undo, change.id):
        st.session_state[f"{change.kind}-bulk-done"] = change.id
        st.rerun()


def sentence(change: BulkChange, of: RecordType[Any]) -> str:
    """What was done, as Markdown in which people's words are escaped."""
    some = many(change.changed, of)
    if change.undone_at:
        rest = f"; {many(change.left, of)} changed since then stayed as they are" if change.left else ""
        return f"Undone: {many(change.changed - change.left, of)} put back{rest}."
    operation = bulk.operations(of)[change.action]
    said = operation.done_unnamed if operation.done_unnamed and not change.becomes_name else operation.done
    refused = f" {many(change.refused, of)} could not be, and stayed as they were." if change.refused else ""
    return said.format(many=some, name=words.plain(change.becomes_name)) + (refused if operation.refused else "")


@st.dialog("Left as they are", icon=":material/info:", width="medium")
def show_left(change: BulkChange) -> None:
    """Records that somebody changed after the bulk change: the undo left them alone."""
    with session.reading() as tx:
        _list(bulk.left(tx, change.id), change.left)


@st.dialog("Not changed", icon=":material/block:", width="medium")
def show_refused(change: BulkChange) -> None:
    """Records that refused the change, each with its reason."""
    with session.reading() as tx:
        _list(bulk.refused(tx, change.id), change.refused)


def _list(found: list[Left], many: int) -> None:
    st.dataframe(
        {
            "Name": [one.name or "One that you may not see, or in the bin" for one in found],
            "Why": [one.because for one in found],
        },
        hide_index=True,
        width="stretch",
        alt="Records left as they are",
    )
    if many > len(found):
        st.caption(f"The first {len(found):,} of {many:,}.")
