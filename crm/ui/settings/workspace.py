"""Settings › Workspace: settings of the whole team, who needs a second factor, backup."""

from collections.abc import Callable
from zoneinfo import available_timezones

import phonenumbers
import streamlit as st
from babel import Locale
from streamlit.delta_generator import DeltaGenerator

from crm.foundation import money, sealing
from crm.foundation.access import Role
from crm.platform import backups, process, workspace
from crm.platform.people import second_factor
from crm.platform.workspace import Workspace
from crm.ui import session, words
from crm.ui.auth import confirming

ENGLISH = Locale("en")
LANGUAGES = {"en": "English", "pt_BR": "Português (Brasil)"}


def show() -> None:
    with session.reading() as tx:
        place = workspace.get(tx)
    changes = _form(place)
    if changes is not None and session.done(workspace.change, **changes):
        st.toast("Saved.", icon=":material/check:")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.markdown("**Backup**")
            st.caption("Copies the store into its folder of backups while everybody goes on working.")
        pressed = st.button("Back up now", icon=":material/backup:")
    if pressed:
        confirming.run_confirmed("backup", _back_up)
    with session.reading() as tx:
        needing = second_factor.roles(tx)
    _second_factor(needing)


def _back_up() -> None:
    store = process.store()
    made = session.attempt_call(backups.make, store, session.actor())
    if made:
        st.success(f"Backed up into {words.plain(str(made))}. `crm restore` brings it back.", icon=":material/check:")
        if (store.folder / sealing.KEY_FILE).exists():
            st.caption(
                f"`{sealing.KEY_FILE}` of the store's folder is not in it: keep that apart, and put it beside a store "
                "that is restored elsewhere."
            )


def _second_factor(now: frozenset[Role]) -> None:
    with st.form("second-factor-roles"):
        st.markdown("**Second factor**")
        roles = st.multiselect(
            "Required for",
            list(Role),
            sorted(now),
            format_func=lambda role: role.value.capitalize(),
            placeholder="No role",
            help="Who has none yet is signed out, and led to set one up at the next sign-in.",
        )
        sent = st.form_submit_button("Save", icon=":material/save:", key="save-second-factor")
    if sent:
        confirming.run_confirmed("second-factor-roles", lambda: _require(roles))


def _require(roles: list[Role]) -> None:
    if session.done(second_factor.require_of, roles):
        st.success("Saved.", icon=":material/check:")


def _form(place: Workspace) -> dict[str, object] | None:
    with st.form("workspace"):
        left, right = st.columns(2)
        name = left.text_input("Name", place.name, required=True)
        currency = _pick(right, "Currency of reports", sorted(money.CURRENCIES), place.currency, _currency_words)
        zone = _pick(left, "Time zone: decides what a day is", sorted(available_timezones()), place.time_zone, str)
        region = _pick(
            right,
            "Region: for phone numbers without a country code",
            sorted(phonenumbers.SUPPORTED_REGIONS),
            place.region,
            lambda code: f"{code}: {ENGLISH.territories.get(code, code)}",
        )
        locale = _pick(left, "Language of numbers and dates", list(LANGUAGES), place.locale, LANGUAGES.__getitem__)
        limit = right.number_input("Segments that one person may keep", 0, 10_000, place.segment_limit)
        privacy = st.toggle(
            "Owner-based privacy",
            place.owner_privacy,
            help="Reps see only what they own or what their team owns: on pages, in search and counts, in the API and "
            "in exports. Administrators, managers and analysts see everything; viewers what is chosen for them.",
        )
        viewers = st.radio(
            "With owner-based privacy, viewers see",
            [False, True],
            index=int(place.viewers_see_all),
            format_func={False: "What is theirs or their teams'", True: "Everything"}.__getitem__,
            horizontal=True,
        )
        saved = st.form_submit_button("Save", type="primary", icon=":material/save:")
    values: dict[str, object] = {
        "name": name or "",
        "currency": currency,
        "time_zone": zone,
        "region": region,
        "locale": locale,
        "owner_privacy": privacy,
        "viewers_see_all": viewers,
        "segment_limit": limit,
    }
    return values if saved else None


def _pick(where: DeltaGenerator, label: str, options: list[str], now: str, shown: Callable[[str], str]) -> str | None:
    return where.selectbox(label, options, index=options.index(now) if now in options else None, format_func=shown)


def _currency_words(code: str) -> str:
    return f"{code}: {ENGLISH.currencies.get(code, code)}"
