"""One's own second factor under Account: set it up, replace it, renew its recovery codes, turn it off."""

from collections.abc import Callable

import streamlit as st

from crm.foundation.language import current, later, plural, tr
from crm.platform import process
from crm.platform.people import second_factor
from crm.ui import session, words
from crm.ui.auth import confirming
from crm.ui.auth.auth_pages import grouped
from crm.ui.components.dialogs import dialog

FEW = 3
"""Recovery codes left that the page warns of."""

LOST = later(
    "Lost it? An administrator can reset your second factor under Settings › Users, or with "
    "`crm user reset-second-factor`. You set up a new one then."
)
"""Recovery codes sign in, and change nothing here: whoever found one would keep the account otherwise."""

Codes = list[str]


def show() -> None:
    with session.reading() as tx:
        actor, found = tx.actor, second_factor.of_user(tx, tx.actor.id)
        needed = actor.role in second_factor.roles(tx)
    st.subheader(tr("Second factor"))
    with st.container(border=True):
        if found is None:
            st.markdown(tr("**Not set up.** With one, a password alone lets nobody in as you."))
            if st.button(tr("Set up"), icon=":material/phonelink_lock:"):
                _set_up(has_one=False)
            return
        since = words.plain(words.moment(found.set_up_at, actor.time_zone, current()))
        st.markdown(tr(":material/verified_user: **Set up** on {moment}", moment=since))
        left = plural("{count:,} recovery code left", "{count:,} recovery codes left", found.codes_left)
        st.markdown(f":orange[:material/warning: {left}]" if found.codes_left <= FEW else f":small[{left}]")
        with st.container(horizontal=True):
            if st.button(tr("New recovery codes"), icon=":material/password:", type="tertiary"):
                _renew_codes()
            if st.button(tr("Replace the authenticator"), icon=":material/phonelink_setup:", type="tertiary"):
                _set_up(has_one=True)
            if not needed and st.button(tr("Turn off"), icon=":material/no_encryption:", type="tertiary"):
                _turn_off()


def _set_up(*, has_one: bool) -> None:
    session.attempt(second_factor.cancel_enrolment)  # what was begun another time and never confirmed
    _with_codes(tr("Set up a second factor"), lambda: _first_code() if _begun(has_one=has_one) else None)


def _renew_codes() -> None:
    def renewed() -> Codes | None:
        code = _code_of_now("renew", tr("A code of your authenticator"), tr("Make new recovery codes"))
        return session.attempt_call(second_factor.renew_codes, process.store(), session.actor(), code) if code else None

    _with_codes(tr("New recovery codes"), renewed)


def _with_codes(title: str, make: Callable[[], Codes | None]) -> None:
    """Open a dialog that ends by showing the recovery codes that `make` gives; None means that it is not done yet."""
    # Held by the dialog's closure, which its reruns share: recovery codes never enter the session's state.
    made: Codes = []

    # Not dismissible: the codes are shown once, and a click beside the dialog would lose them.
    @st.dialog(title, icon=":material/phonelink_lock:", dismissible=False)
    def opened() -> None:
        if not made and confirming.confirmed("second-factor"):
            # The form that was just answered must not stand above the codes that come of it.
            place = st.empty()
            with place.container():
                made.extend(make() or ())
            if made:
                place.empty()
        if made:
            _show_codes(made)
        elif st.button(tr("Cancel"), width="stretch", key="second-factor-cancel"):
            st.rerun()

    opened()


def _begun(*, has_one: bool) -> bool:
    """Whether a seed waits for its first code; begins one where none does."""
    with session.reading() as tx:
        if second_factor.waiting(tx):
            return True
    # Whoever found an open session could otherwise put their own authenticator in place of the owner's.
    if not has_one:
        return session.done(second_factor.begin)
    place = st.empty()
    with place.container():
        code = _code_of_now("now", tr("A code of the authenticator you have now"), tr("Continue"))
        begun = bool(code) and session.done(second_factor.begin, code)
    if begun:
        place.empty()
    return begun


def _first_code() -> Codes | None:
    with session.reading() as tx:
        enrolment = second_factor.waiting(tx)
    if enrolment is None:
        return None
    st.markdown(tr("Scan this with an authenticator on your phone, then type the code that it shows."))
    with st.container(horizontal_alignment="center"):
        st.image(enrolment.picture, width=220, alt=tr("QR code of your second factor"))
    st.caption(tr("Or type this key into it:"))
    st.code(grouped(enrolment.key), language=None, wrap_lines=True)
    code = _code_form("first", tr("Code"), tr("Set up"))
    return session.attempt_call(second_factor.set_up, process.store(), session.actor(), code) if code else None


def _show_codes(codes: Codes) -> None:
    st.success(tr("Keep these recovery codes. Each lets you in once, without your phone."), icon=":material/check:")
    st.code("\n".join(codes), language=None)
    st.caption(tr("They are shown this once: print them, or keep them where you keep passwords."))
    if st.button(tr("I have kept them"), type="primary", width="stretch", key="second-factor-kept"):
        st.rerun()


@dialog(later("Turn off your second factor?"), icon=":material/no_encryption:")
def _turn_off() -> None:
    if not confirming.confirmed("second-factor-off"):
        return
    st.markdown(tr("Your password alone will let in whoever knows it. Your recovery codes go with it."))
    code = _code_of_now("off", tr("A code of your authenticator"), tr("Turn off"))
    if code and session.done(second_factor.turn_off, code):
        st.rerun()


def _code_of_now(key: str, label: str, button: str) -> str:
    """Ask for a code of the authenticator that is set up, and say what to do without it."""
    code = _code_form(key, label, button)
    st.caption(tr(LOST))
    return code


def _code_form(key: str, label: str, button: str) -> str:
    """Draw the form of a code; the code once it is sent, an empty text until then."""
    with st.form(f"code-{key}", border=False):
        code = st.text_input(label, autocomplete="one-time-code", required=True)
        sent = st.form_submit_button(button, type="primary", width="stretch")
    return (code or "") if sent else ""
