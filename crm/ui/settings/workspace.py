"""Settings › Workspace: settings of the whole team, who needs a second factor, backup."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from crm.foundation import sealing
from crm.foundation.access import Role
from crm.foundation.language import tr
from crm.platform import backups, process, workspace
from crm.platform.people import second_factor
from crm.platform.workspace import Workspace
from crm.ui import regional_choices, session, words
from crm.ui.auth import confirming


def show() -> None:
    with session.reading() as tx:
        place = workspace.get(tx)
    changes = _form(place)
    if changes is not None and session.done(workspace.change, **changes):
        st.toast(tr("Saved."), icon=":material/check:")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.markdown(tr("**Backup**"))
            st.caption(tr("Copies the store into its folder of backups while everybody goes on working."))
        pressed = st.button(tr("Back up now"), icon=":material/backup:")
    if pressed:
        confirming.run_confirmed("backup", _back_up)
    with session.reading() as tx:
        needing = second_factor.roles(tx)
    _second_factor(needing)


def _back_up() -> None:
    store = process.store()
    made = session.attempt_call(backups.make, store, session.actor())
    if made:
        st.success(
            tr("Backed up into {folder}. `crm restore` brings it back.", folder=words.plain(str(made))),
            icon=":material/check:",
        )
        if (store.folder / sealing.KEY_FILE).exists():
            st.caption(
                tr(
                    "`{key_file}` of the store's folder is not in it: keep that apart, and put it beside a "
                    "store that is restored elsewhere.",
                    key_file=sealing.KEY_FILE,
                )
            )


def _second_factor(now: frozenset[Role]) -> None:
    with st.form("second-factor-roles"):
        st.markdown(tr("**Second factor**"))
        roles = st.multiselect(
            tr("Required for"),
            list(Role),
            sorted(now),
            format_func=lambda role: tr(role.value).capitalize(),
            placeholder=tr("No role"),
            help=tr("Who has none yet is signed out, and led to set one up at the next sign-in."),
        )
        sent = st.form_submit_button(tr("Save"), icon=":material/save:", key="save-second-factor")
    if sent:
        confirming.run_confirmed("second-factor-roles", lambda: _require(roles))


def _require(roles: list[Role]) -> None:
    if session.done(second_factor.require_of, roles):
        st.success(tr("Saved."), icon=":material/check:")


def _form(place: Workspace) -> dict[str, object] | None:
    with st.form("workspace"):
        left, right = st.columns(2)
        name = left.text_input(tr("Name"), place.name, required=True)
        currency = _pick(right, tr("Currency of reports"), regional_choices.currencies(), place.currency)
        zone = _pick(left, tr("Time zone: decides what a day is"), regional_choices.time_zones(), place.time_zone)
        region = _pick(
            right, tr("Region: for phone numbers without a country code"), regional_choices.regions(), place.region
        )
        locale = _pick(left, tr("Language, for whoever has not chosen one"), regional_choices.languages(), place.locale)
        limit = right.number_input(tr("Segments that one person may keep"), 0, 10_000, place.segment_limit)
        privacy = st.toggle(
            tr("Owner-based privacy"),
            place.owner_privacy,
            help=tr(
                "Reps see only what they own or what their team owns: on pages, in search and counts, in the API and "
                "in exports. Administrators, managers and analysts see everything; viewers what is chosen for them."
            ),
        )
        viewers = st.radio(
            tr("With owner-based privacy, viewers see"),
            [False, True],
            index=int(place.viewers_see_all),
            format_func={False: tr("What is theirs or their teams'"), True: tr("Everything")}.__getitem__,
            horizontal=True,
        )
        saved = st.form_submit_button(tr("Save"), type="primary", icon=":material/save:")
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


def _pick(where: DeltaGenerator, label: str, choices: dict[str, str], now: str) -> str | None:
    values = list(choices)
    at = values.index(now) if now in choices else None
    return where.selectbox(label, values, index=at, format_func=choices.__getitem__)
