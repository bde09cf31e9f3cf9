"""Confirming who one is, before what gives others a way in or takes everything out.

The verbs refuse without it (`tx.require_confirmed`); the screens ask here first.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import streamlit as st

from crm.foundation import clock, settings
from crm.foundation.language import tr
from crm.platform import process
from crm.platform.people import signing_in
from crm.platform.people.signing_in import Proof
from crm.ui import session

TIME_TO_ACT = timedelta(minutes=1)
"""A confirmation that would end while its form is filled in is asked for before."""


def is_fresh() -> bool:
    until = session.actor().confirmed_until
    return until is not None and until > clock.now() + TIME_TO_ACT


def confirmed(key: str) -> bool:
    """Whether the person proved lately who they are; draws the question in this place where they did not."""
    if is_fresh():
        return True
    place = st.empty()
    with place.container():
        proved = _ask(key)
    if proved:
        # The caller draws what comes next in the same run, in place of the question.
        place.empty()
    return proved


def run_confirmed(key: str, work: Callable[[], None]) -> None:
    """Do the work at once for whoever proved lately who they are; for others in a dialog, once they have."""
    if is_fresh():
        work()
        return
    # Reruns of the dialog share the closure: the work is done once.
    done: list[bool] = []

    @st.dialog(tr("Confirm that it is you"), icon=":material/lock:", on_dismiss="rerun")
    def ask() -> None:
        if not done and confirmed(key):
            done.append(True)
            work()

    ask()


def _ask(key: str) -> bool:
    with session.reading() as tx:
        proof = signing_in.proof_of(tx)
    if proof is Proof.ORGANISATION:
        return _send_to_the_organisation()
    with st.form(f"confirm-{key}", border=False):
        st.caption(tr("This needs you, not only an open page. You are not asked again for ten minutes."))
        if proof is Proof.PASSWORD:
            typed = st.text_input(tr("Your password"), type="password", autocomplete="current-password")
        else:
            typed = st.text_input(tr("A code of your authenticator"), autocomplete="one-time-code")
        sent = st.form_submit_button(tr("Confirm that it is you"), type="primary", icon=":material/lock_open:")
    if not sent:
        return False
    answer: dict[str, Any] = {proof.value: typed or ""}
    confirmed = session.attempt_call(
        signing_in.confirm, process.store(), session.actor(), session.id_hash() or "", **answer
    )
    return confirmed is not None


def _send_to_the_organisation() -> bool:
    """Link to the organisation's sign-in, for whoever has neither a password nor a second factor here; always False."""
    if settings.load().has_sso:
        here = urlsplit(st.context.url or "/").path
        st.caption(
            tr(
                "This needs you, not only an open page: sign in once more, and come back here. You are not asked again "
                "for ten minutes."
            )
        )
        st.link_button(
            tr("Sign in with your organisation again"),
            f"/sso/start?again=1&next={quote(here)}",
            icon=":material/lock_open:",
            type="primary",
        )
    else:
        st.warning(tr("This needs a password of yours. An administrator can give you one."), icon=":material/lock:")
    return False
