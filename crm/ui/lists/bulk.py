"""Changing what is picked: the choice, how many it would change, the change, and the way back."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm import companies
from crm.foundation.errors import CrmError
from crm.platform.people import users
from crm.records import bulk, labels
from crm.records.bulk import Action, BulkChange, Change, Left, Preview
from crm.records.declaration import HasMany, RecordType
from crm.ui import refusals, session, words
from crm.ui.forms import drawer_form
from crm.ui.lists import deal_choices, exporting, order_choices, picking
from crm.ui.lists.picking import Picked
from crm.ui.lists.wording import many

WORDS: dict[Action, tuple[str, str]] = {
    Action.ADD_LABEL: ("Add label", "new_label"),
    Action.REMOVE_LABEL: ("Remove label", "label_off"),
    Action.SET_OWNER: ("Set owner", "person"),
    Action.SET_COMPANY: ("Set company", "apartment"),
    Action.BLOCK: ("Block", "block"),
    Action.UNBLOCK: ("Unblock", "check_circle"),
    Action.DELETE: ("Delete", "delete"),
    Action.MOVE: ("Move to stage", "arrow_forward"),
    Action.WIN: ("Mark as won", "emoji_events"),
    Action.LOSE: ("Mark as lost", "heart_broken"),
    Action.SET_STATUS: ("Set status", "published_with_changes"),
}
IN_SIGHT = (Action.MOVE, Action.SET_STATUS, Action.ADD_LABEL, Action.SET_OWNER)
"""Actions with a button of their own; the others are in the menu beside them."""

NOBODY = 0
_LOOKED_AT = "bulk-looked-at"


def bar(of: RecordType[Any], found: Picked, *, key: str, filter: str | None = None) -> None:
    """What can be done with the records that are picked."""
    offered = bulk.offered(of, session.actor())
    for action in offered:
        if action in IN_SIGHT:
            label, icon = WORDS[action]
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"{key}-bulk-{action}",
                on_click=start,
                args=(of, action, found),
            )
    rest = [action for action in offered if action not in IN_SIGHT]
    if rest:
        chosen = st.menu_button(
            "More",
            rest,
            format_func=lambda action: f":material/{WORDS[action][1]}: {WORDS[action][0]}",
            icon=":material/more_horiz:",
            key=f"{key}-bulk-more",
        )
        if chosen:
            start(of, chosen, found)
    exporting.menu(of, found, key=f"{key}-picked", filter=filter)


def start(of: RecordType[Any], action: Action, found: Picked) -> None:
    """Have the action's dialog asked on this run or, from a callback, on the next."""
    drawer_form.start(_asking(of))
    st.session_state[_asking(of)] = (action, found)
    st.session_state.pop(_LOOKED_AT, None)


def _asking(of: RecordType[Any]) -> str:
    return f"{of.plural}-bulk"


def is_started(of: RecordType[Any]) -> bool:
    return drawer_form.is_open(_asking(of))


def ask_if_started(of: RecordType[Any], *, key: str) -> None:
    """The dialog of the action that was chosen, about what was picked when it was."""
    if not is_started(of):
        return
    action, found = st.session_state[_asking(of)]
    label, icon = WORDS[action]

    @st.dialog(f"{label}: {many(found.many, of)}", icon=f":material/{icon}:", on_dismiss=drawer_form.close)
    def dialog() -> None:
        change = _CHOICES[action]()
        if change is None:
            return
        with session.reading() as tx:
            try:
                outlook = bulk.preview(tx, of.plural, found.query, change)
            except CrmError as refusal:
                refusals.show(refusal)
                return
        looked_at = st.session_state.get(_LOOKED_AT, outlook.matched)
        st.session_state[_LOOKED_AT] = outlook.matched
        _tell(outlook, of, change)
        _confirm(of, found, change, outlook, looked_at, key=key)

    dialog()


def _confirm(of: RecordType[Any], found: Picked, change: Change, outlook: Preview, looked_at: int, *, key: str) -> None:
    """`looked_at`: how many matched when the button was drawn that is pressed now; others may have come since."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        st.caption("One step takes all of it back.", width="stretch")
        word = "Delete" if change.action is Action.DELETE else "Change"
        sure = st.button(
            f"{word} {many(outlook.changing, of)}",
            type="primary",
            icon=":material/check:",
            disabled=not outlook.changing,
            key="bulk-apply",
        )
    if not sure:
        return
    expected = looked_at if found.all_that_match else None
    made = drawer_form.save(bulk.apply, of.plural, found.query, change, expected=expected)
    if made:
        picking.clear(key)
        st.session_state[_done(of)] = made.id
        st.rerun()


def _tell(outlook: Preview, of: RecordType[Any], change: Change) -> None:
    """How many would change and which, how many are so already, how many cannot be."""
    st.markdown(f"**{many(outlook.changing, of)}** would change.")
    if outlook.examples:
        more = outlook.changing - len(outlook.examples)
        names = ", ".join(words.plain(name) for name in outlook.examples)
        st.caption(f"{names}{f' and {more:,} more' if more else ''}")
    if outlook.already:
        st.markdown(f":material/check: {many(outlook.already, of)} already so: left as they are.")
    if outlook.gone:
        st.markdown(f":material/visibility_off: {many(outlook.gone, of)} no longer there, or not yours to see.")
    for refusal in outlook.refusals:
        few = ", ".join(words.plain(name) for name in refusal.examples)
        more = refusal.many - len(refusal.examples)
        st.markdown(
            f":material/block: {many(refusal.many, of)} left as they are: {words.plain(refusal.because)}  \n"
            f":small[{few}{f' and {more:,} more' if more else ''}]"
        )
    if outlook.out_of_sight:
        st.warning(f"You will not see {many(outlook.out_of_sight, of)} any more.", icon=":material/visibility_off:")
    if change.action is Action.DELETE and outlook.changing:
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
    query = st.text_input(
        "Company", type="search", live=True, placeholder="Name or domain", key="bulk-company-search"
    ).strip()
    with session.reading() as tx:
        found = companies.named(tx, query, limit=8)
    named = {NOBODY: "No company", **{row["id"]: _company(row) for row in found}}
    company_id = st.radio(
        "Company",
        list(named),
        index=None,
        format_func=named.__getitem__,
        label_visibility="collapsed",
        key=f"bulk-company-{hash(tuple(named))}",
    )
    return None if company_id is None else Change(action=Action.SET_COMPANY, company_id=company_id or None)


def _company(row: dict[str, str]) -> str:
    return words.plain(f"{row['name']} · {row['domain']}" if row["domain"] else row["name"])


_CHOICES: dict[Action, Callable[[], Change | None]] = {
    Action.MOVE: deal_choices.stage,
    Action.WIN: lambda: deal_choices.closing(Action.WIN),
    Action.LOSE: lambda: deal_choices.closing(Action.LOSE),
    Action.SET_STATUS: order_choices.status,
    Action.ADD_LABEL: lambda: _chosen_label(new=True),
    Action.REMOVE_LABEL: lambda: _chosen_label(new=False),
    Action.SET_OWNER: _chosen_owner,
    Action.SET_COMPANY: _chosen_company,
    Action.BLOCK: lambda: Change(action=Action.BLOCK),
    Action.UNBLOCK: lambda: Change(action=Action.UNBLOCK),
    Action.DELETE: lambda: Change(action=Action.DELETE),
}


def _done(of: RecordType[Any]) -> str:
    return f"{of.plural}-bulk-done"


def offer_way_back(of: RecordType[Any]) -> None:
    """After a change: what was done, and one step to take it back; after that, what could not be put back."""
    change_id = st.session_state.get(_done(of))
    if change_id is None:
        return
    with session.reading() as tx:
        change = bulk.get(tx, change_id)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        icon = "undo" if change.undone_at else WORDS[change.action][1]
        st.markdown(f":material/{icon}: {sentence(change, of)}", width="stretch")
        if not change.undone_at and st.button("Undo", icon=":material/undo:", key="bulk-undo"):
            take_back(change)
        if change.left and st.button("Show those", key="bulk-left"):
            show_left(change)
        if change.refused and not change.undone_at and st.button("Show refused", key="bulk-refused"):
            show_refused(change)
        if st.button("Dismiss", type="tertiary", icon=":material/close:", key="bulk-dismiss"):
            del st.session_state[_done(of)]
            st.rerun()


def take_back(change: BulkChange) -> None:
    if session.done(bulk.undo, change.id):
        st.session_state[f"{change.kind}-bulk-done"] = change.id
        st.rerun()


def sentence(change: BulkChange, of: RecordType[Any]) -> str:
    """What was done, as Markdown in which people's words are plain."""
    some = many(change.changed, of)
    if change.undone_at:
        rest = f"; {many(change.left, of)} changed since then stayed as they are" if change.left else ""
        return f"Taken back: {many(change.changed - change.left, of)} put back{rest}."
    name = words.plain(change.becomes_name)
    match change.action:
        case Action.ADD_LABEL:
            return f"Label **{name}** put on {some}."
        case Action.REMOVE_LABEL:
            return f"Label **{name}** taken off {some}."
        case Action.SET_OWNER:
            return f"{some} given to **{name}**." if name else f"{some} without an owner now."
        case Action.SET_COMPANY:
            return f"{some} linked to **{name}**." if name else f"{some} without a company now."
        case Action.SET_STATUS:
            return f"{some} set to **{name}**."
        case Action.DELETE:
            return f"{some} put in the bin."
        case Action.MOVE | Action.WIN | Action.LOSE:
            return f"{some} {_brought(change, name)}.{_refused(change, of)}"
    return f"{some} {change.action}ed."


def _brought(change: BulkChange, name: str) -> str:
    if change.action is Action.MOVE:
        return f"moved to **{name}**"
    won = "won" if change.action is Action.WIN else "lost"
    return f"marked as {won}" + (f": **{name}**" if name else "")


def _refused(change: BulkChange, of: RecordType[Any]) -> str:
    return f" {many(change.refused, of)} could not be, and stayed as they were." if change.refused else ""


@st.dialog("Left as they are", icon=":material/info:", width="medium")
def show_left(change: BulkChange) -> None:
    """Records that somebody touched after the change: taking it back would have undone their work."""
    with session.reading() as tx:
        _list(bulk.left(tx, change.id), change.left)


@st.dialog("Not taken", icon=":material/block:", width="medium")
def show_refused(change: BulkChange) -> None:
    """Records that the change was not made to."""
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
