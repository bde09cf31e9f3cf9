"""What every page stands on: who is here, their two ways to work, and a refusal shown as a sentence."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st

from crm.foundation.access import Actor, Module, Permission
from crm.foundation.errors import CrmError
from crm.platform import process
from crm.store import Reading, Writing
from crm.ui import cache, going, presence, refusals

P = ParamSpec("P")
T = TypeVar("T")


def actor() -> Actor:
    """Who is at this page as of the last commit; the page ends here, at the sign-in, if nobody is."""
    own = id_hash()
    found = presence.actor_of(process.store(), own) if own else None
    if found is None:
        st.info("Your session has ended. Taking you to the sign-in …", icon=":material/lock:")
        going.sign_in()
        st.stop()
    return found


def reading() -> AbstractContextManager[Reading]:
    return process.reading(actor())


def cached(build: Callable[Concatenate[Reading, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`build(tx, …)` as this actor, cached per visibility until something changes."""
    return cache.read(process.store(), actor(), build, *args, **kwargs)


def require(permission: Permission, module: Module | None = None) -> Actor:
    """The actor; where they may not do this, the page ends here and says so."""
    with reading() as tx:
        try:
            tx.require(permission, module)
        except CrmError as refusal:
            refusals.show(refusal)
            st.stop()
        return tx.actor


def attempt(verb: Callable[Concatenate[Writing, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Call one verb in one write; a refusal is shown where the page stands, and None comes back."""
    try:
        return do(verb, *args, **kwargs)
    except CrmError as refusal:
        refusals.show(refusal)
        return None


def done(verb: Callable[Concatenate[Writing, P], object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """As `attempt`, for who asks only whether it was done."""
    try:
        do(verb, *args, **kwargs)
    except CrmError as refusal:
        refusals.show(refusal)
        return False
    return True


def do(verb: Callable[Concatenate[Writing, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As `attempt`, for a page that has an answer of its own to a refusal, which is raised."""
    with process.store().writing(actor()) as tx:
        return verb(tx, *args, **kwargs)


def tried(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Call something slow that opens the store itself; a refusal is shown as `attempt` shows it."""
    try:
        return work(*args, **kwargs)
    except CrmError as refusal:
        refusals.show(refusal)
        return None


def id_hash() -> str | None:
    """The hash of this browser's session."""
    found = st.user.get("session")
    return str(found) if found else None
