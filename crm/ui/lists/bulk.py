"""Bulk changes of picked records: choose, preview, apply, undo."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.platform.people import users
from crm.records import bulk, labels
from crm.records.bulk import Action, BulkChange, Change, Left, Preview
from crm.records.declaration import HasMany, RecordType
from crm.ui import refusals, session, words
from crm.ui.components import picker
from crm.ui.components.dialogs import dialog
from crm.ui.forms import drawer_form
from crm.ui.forms.draft import forget
from crm.ui.lists import deal_choices, exporting, link_choices, order_choices, picking
from crm.ui.lists.picking import Picked
from crm.ui.lists.wording import many

IN_SIGHT = (Action.MOVE, Action.SET_STATUS, Action.ADD_LABEL, Action.SET_OWNER)
"""Actions with a button of their own; the others are in the menu beside them."""

_DEALS_STAY = later("Their deals stay.")

NOBODY = 0
_COUNT_SHOWN = "bulk-looked-at"
_CHOSEN = "bulk-chosen"


def bar(of: RecordType[Any], found: Picked, *, key: str, filter: str | None = None) -> None:
    """The buttons and the menu of what can be done with the picked records."""
    offered, operations = bulk.offered(of, session.actor()), bulk.operations(of)
    for action in offered:
        if action in IN_SIGHT:
            st.button(
                tr(operations[action].label),
                icon=f":material/{operations[action].icon}:",
                key=f"{key}-bulk-{action}",
                on_click=start,
                args=(of, action, found),
            )
    rest = [action for action in offered if action not in IN_SIGHT]
    if rest:
        chosen = st.menu_button(
            tr("More"),
            rest,
            format_func=lambda action: f":material/{operations[action].icon}: {tr(operations[action].label)}",
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
    title = f"{tr(operation.label)}: {many(found.many, of)}"

    @st.dialog(title, icon=f":material/{operation.icon}:", on_dismiss=drawer_form.close)
    def ask() -> None:
        change = _CHOICES[action](of) if action in _CHOICES else Change(action=action)
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

    ask()


def _confirm(
    of: RecordType[Any], found: Picked, change: Change, preview: Preview, count_shown: int, *, key: str
) -> None:
    """`count_shown`: how many matched when the button was drawn. `apply` refuses if others have come since."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        st.caption(tr("All of it can be undone in one step."), width="stretch")
        records = many(preview.changing, of)
        deletes = bulk.operations(of)[change.action].deletes
        sure = st.button(
            tr("Delete {records}", records=records) if deletes else tr("Change {records}", records=records),
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
    st.markdown(tr("**{records}** would change.", records=many(preview.changing, of)))
    if preview.examples:
        st.caption(_named(preview.examples, preview.changing))
    if preview.already:
        records = many(preview.already, of)
        st.markdown(tr(":material/check: {records} already so: left as they are.", records=records))
    if preview.gone:
        records = many(preview.gone, of)
        st.markdown(tr(":material/visibility_off: {records} no longer there, or not yours to see.", records=records))
    for refusal in preview.refusals:
        records, because = many(refusal.many, of), words.plain(refusal.because)
        left = tr(":material/block: {records} left as they are: {because}", records=records, because=because)
        st.markdown(f"{left}  \n:small[{_named(refusal.examples, refusal.many)}]")
    if preview.out_of_sight:
        records = many(preview.out_of_sight, of)
        st.warning(tr("You will not see {records} any more.", records=records), icon=":material/visibility_off:")
    if bulk.operations(of)[change.action].deletes and preview.changing:
        have_deals = any(isinstance(link, HasMany) and link.plural == "deals" for link in of.links)
        told = tr("They go to the bin and can be restored for 30 days.")
        rest = f" {tr(_DEALS_STAY)}" if have_deals else ""
        st.markdown(f":material/delete: {told}{rest}")


def _named(examples: Sequence[str], many: int) -> str:
    """The names of some of these many, as Markdown, and how many others there are."""
    names = ", ".join(words.plain(name) for name in examples)
    more = many - len(examples)
    return tr("{names} and {more:,} more", names=names, more=more) if more else names


def _chosen_label(*, new: bool) -> Change | None:
    with session.reading() as tx:
        names = [label.name for label in labels.all_of(tx)]
    placeholder = tr("Choose or type a new one") if new else tr("Choose a label")
    name = st.selectbox(
        tr("Label"), names, index=None, placeholder=placeholder, accept_new_options=new, key="bulk-label"
    )
    return Change(action=Action.ADD_LABEL if new else Action.REMOVE_LABEL, label=name) if name else None


def _chosen_owner() -> Change | None:
    with session.reading() as tx:
        people = {person.id: person.name for person in users.everyone(tx) if person.active}
    named = {NOBODY: tr("Nobody"), **people}
    owner_id = st.selectbox(
        tr("Owner"), list(named), index=None, format_func=named.__getitem__, placeholder=tr("Choose"), key="bulk-owner"
    )
    return None if owner_id is None else Change(action=Action.SET_OWNER, owner_id=owner_id or None)


def _chosen_company() -> Change | None:
    if st.toggle(tr("Take them out of their company"), key=f"{_CHOSEN}-no-company"):
        return Change(action=Action.SET_COMPANY)
    picker.field(tr("Company"), "company", key=f"{_CHOSEN}-company", nothing=tr("Name or domain"))
    company_id = st.session_state[f"{_CHOSEN}-company"]
    return None if company_id is None else Change(action=Action.SET_COMPANY, company_id=company_id)


_CHOICES: dict[Action, Callable[[RecordType[Any]], Change | None]] = {
    Action.MOVE: lambda of: deal_choices.stage(),
    Action.WIN: lambda of: deal_choices.closing(Action.WIN),
    Action.LOSE: lambda of: deal_choices.closing(Action.LOSE),
    Action.SET_STATUS: lambda of: order_choices.status(),
    Action.ADD_LABEL: lambda of: _chosen_label(new=True),
    Action.REMOVE_LABEL: lambda of: _chosen_label(new=False),
    Action.SET_OWNER: lambda of: _chosen_owner(),
    Action.SET_COMPANY: lambda of: _chosen_company(),
    Action.LINK: lambda of: link_choices.link(of, _CHOSEN),
    Action.UNLINK: lambda of: link_choices.unlink(of, _CHOSEN),
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
        if not change.undone_at and st.button(tr("Undo"), icon=":material/undo:", key="bulk-undo"):
            undo(change)
        if change.left and st.button(tr("Show them"), key="bulk-left"):
            show_left(change)
        if change.refused and not change.undone_at and st.button(tr("Show refused"), key="bulk-refused"):
            show_refused(change)
        if st.button(tr("Dismiss"), type="tertiary", icon=":material/close:", key="bulk-dismiss"):
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
        back, left = many(change.changed - change.left, of), many(change.left, of)
        if not change.left:
            return tr("Undone: {records} put back.", records=back)
        return tr("Undone: {records} put back; {left} changed since then stayed as they are.", records=back, left=left)
    operation = bulk.operations(of)[change.action]
    said = operation.done_unnamed if operation.done_unnamed and not change.becomes_name else operation.done
    # Statuses are the product's own words, and all else that records become is people's.
    name = (
        tr(change.becomes_name) if change.action is Action.SET_STATUS and change.becomes_name else change.becomes_name
    )
    done = tr(said, many=some, name=words.plain(name))
    if not operation.refused or not change.refused:
        return done
    refused = tr("{records} could not be, and stayed as they were.", records=many(change.refused, of))
    return f"{done} {refused}"


@dialog(later("Left as they are"), icon=":material/info:", width="medium")
def show_left(change: BulkChange) -> None:
    """Records that somebody changed after the bulk change: the undo left them alone."""
    with session.reading() as tx:
        _list(bulk.left(tx, change.id), change.left)


@dialog(later("Not changed"), icon=":material/block:", width="medium")
def show_refused(change: BulkChange) -> None:
    """Records that refused the change, each with its reason."""
    with session.reading() as tx:
        _list(bulk.refused(tx, change.id), change.refused)


def _list(found: list[Left], many: int) -> None:
    st.dataframe(
        {
            tr("Name"): [one.name or tr("One that you may not see, or in the bin") for one in found],
            tr("Why"): [one.because for one in found],
        },
        hide_index=True,
        width="stretch",
        alt=tr("Records left as they are"),
    )
    if many > len(found):
        st.caption(tr("The first {shown:,} of {many:,}.", shown=len(found), many=many))
