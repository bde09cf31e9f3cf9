"""Settings › Letterhead: what stands on quotes beside their lines."""

import base64
from html import escape

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.platform import letterhead, pictures, process
from crm.ui import session, words

LOGO_MB = 5
LOGO_SIDE = 1_000
"""Pixels: 450 to the inch as it is printed."""
TURN = "letterhead-turn"
"""How often it was saved in this session."""
SAVED = "letterhead-saved"


def show() -> None:
    with session.reading() as tx:
        now = letterhead.in_use(tx)
    st.caption(
        tr("It is printed on the quotes that are made from now on. A quote keeps the letterhead it was made with.")
    )
    if st.session_state.pop(SAVED, False):
        st.toast(tr("Saved."), icon=":material/check:")
    turn = st.session_state.get(TURN, 0)
    with st.form("letterhead"):
        left, right = st.columns(2, gap="large")
        with left:
            address = st.text_area(tr("Address"), now.address or "", height=120, max_chars=letterhead.LIMITS["address"])
            tax_id = st.text_input(tr("Tax id"), now.tax_id or "", max_chars=letterhead.LIMITS["tax_id"])
        with right:
            picture = st.file_uploader(
                tr("Logo: PNG or JPEG, up to {most} MB", most=LOGO_MB),
                type=["png", "jpg", "jpeg"],
                max_upload_size=LOGO_MB,
                key=f"logo-{turn}",
            )
            drop = _logo(now.logo)
        terms = st.text_area(tr("Terms"), now.terms or "", height=160, max_chars=letterhead.LIMITS["terms"])
        sent = st.form_submit_button(tr("Save"), type="primary", icon=":material/save:")
    if sent:
        _save({"address": address, "tax_id": tax_id, "terms": terms}, picture.getvalue() if picture else None, drop)


def _logo(logo: bytes | None) -> bool:
    """Show the logo in use; whether it is to be removed."""
    if logo is None:
        return False
    # In the page itself: what Streamlit serves by an address of its own needs no session.
    data = base64.b64encode(logo).decode()
    named = escape(tr("The logo in use"))
    st.html(
        f'<img alt="{named}" src="data:image/png;base64,{data}" '
        'style="max-height: 5rem; max-width: 100%; background: white; padding: .5rem; border-radius: .5rem">'
    )
    return st.checkbox(tr("Remove the logo"))


def _save(texts: dict[str, str | None], picture: bytes | None, drop: bool) -> None:
    changes: dict[str, object] = dict(texts)
    if drop:
        changes["logo"] = None
    try:
        if picture is not None:
            changes["logo"] = pictures.redrawn(process.store(), picture, LOGO_SIDE)
        session.do(letterhead.change, **changes)
    except CrmError as refusal:
        st.error(words.plain(str(refusal)), icon=":material/error:")
        return
    st.session_state[SAVED] = True
    # Another key: the uploader would hand over the same picture at the next save.
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    st.rerun()
