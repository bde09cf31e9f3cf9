"""What every page is built on: who is here, reading and writing as them, and refusals shown as sentences."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from crm.foundation import language
from crm.foundation.access import Actor, Module, Permission
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.platform import process
from crm.platform.people import presence
from crm.records.declaration import Record
from crm.store import Reading, Writing
from crm.ui import own_changes, redirects, refusals

P = ParamSpec("P")
T = TypeVar("T")

_ID_HASH = "session-id-hash"
_LANGUAGE = "language"


def actor() -> Actor:
    """The actor of this page as of the last commit; the run ends, at the sign-in, where the session is over."""
    own = id_hash()
    found = presence.actor_of(process.store(), own) if own else None
    if found is None:
        st.info(tr("Your session has ended. Taking you to the sign-in …"), icon=":material/lock:")
        redirects.sign_in()
        st.stop()
    return found


def speak(code: str) -> bool:
    """From here on this session's texts are in the language; whether it spoke another before."""
    before = st.session_state.get(_LANGUAGE, code)
    st.session_state[_LANGUAGE] = code
    language.use(code)
    return bool(before != code)


def _language_of_run() -> str:
    """The language of the session whose script runs in this thread: reruns of fragments start new threads."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return language.ENGLISH
    if _LANGUAGE not in st.session_state:
        own = id_hash()
        found = presence.actor_of(process.store(), own, counts_as_use=False) if own else None
        st.session_state[_LANGUAGE] = found.language if found else language.ENGLISH
    return str(st.session_state[_LANGUAGE])


language.unset_means(_language_of_run)


def reading() -> AbstractContextManager[Reading]:
    return process.reading(actor())


def read(function: Callable[Concatenate[Reading, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of one read function, in a reading of its own."""
    with reading() as tx:
        return function(tx, *args, **kwargs)


def require(permission: Permission, module: Module | None = None) -> Actor:
    """The actor; where they may not do this, the run ends with the refusal."""
    with reading() as tx:
        try:
            tx.require(permission, module)
        except CrmError as refusal:
            refusals.show(refusal)
            st.stop()
        return tx.actor


def attempt(verb: Callable[Concatenate[Writing, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Call one verb in one transaction; its result, None where it was refused, which is shown."""
    try:
        return do(verb, *args, **kwargs)
    except CrmError as refusal:
        refusals.show(refusal)
        return None


def on_press(verb: Callable[Concatenate[Writing, P], object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Callback of a widget in a fragment that calls `refusals.show_kept`: call one verb in one transaction."""
    try:
        do(verb, *args, **kwargs)
    except CrmError as refusal:
        refusals.keep(refusal)


def done(verb: Callable[Concatenate[Writing, P], object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether the verb, called as by `attempt`, was not refused; for verbs that may return None."""
    try:
        do(verb, *args, **kwargs)
    except CrmError as refusal:
        refusals.show(refusal)
        return False
    return True


def do(verb: Callable[Concatenate[Writing, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call one verb in one transaction; a refusal is raised, for pages that answer it themselves."""
    with process.store().writing(actor()) as tx:
        result = verb(tx, *args, **kwargs)
    if isinstance(result, Record):
        own_changes.note(result, tx.recorded)
    return result


def attempt_call(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Call slow work that opens the store itself; its result, None where it was refused, which is shown."""
    try:
        return work(*args, **kwargs)
    except CrmError as refusal:
        refusals.show(refusal)
        return None


def id_hash() -> str | None:
    """The hash of this browser's session id, None without one."""
    # Looked up once: `st.user` looks for a file of secrets each time. Streamlit resumes its session for the same user
    # alone, so the hash holds for as long as the state; whether the session is still valid is checked at each run.
    if _ID_HASH not in st.session_state:
        # From the header that the auth middleware sets on the WebSocket; clients cannot.
        st.session_state[_ID_HASH] = str(st.user.get("session") or "")
    return str(st.session_state[_ID_HASH]) or None
