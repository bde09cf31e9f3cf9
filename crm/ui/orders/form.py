"""The form of an order."""

import streamlit as st

from crm import deals
from crm.foundation.language import later, tr
from crm.orders import ORDER
from crm.ui import session, words
from crm.ui.forms.form_fields import FormField
from crm.ui.forms.layout import FormLayout
from crm.ui.forms.record_form import Form


def _deal(form: Form, form_field: FormField) -> None:
    """Draw the choice of the order's deal: one of the contact's, or the one that it has."""
    held, contact_id = form.draft.record["deal_id"], form.draft.values["contact_id"]
    with session.reading() as tx:
        theirs = deals.of_contact(tx, contact_id) if contact_id else []
    named = {held: form.names.get("deal_id") or "–"} if held else {}
    named |= {row["id"]: row["title"] for row in theirs}
    key = form.draft.widget("deal_id")
    if st.session_state[key] not in named:  # it is of the contact that was chosen before
        st.session_state[key] = None
    st.selectbox(
        words.plain(tr(form_field.label)),
        [None, *named],
        format_func=lambda value: named.get(value, "–"),
        placeholder="–",
        key=key,
    )


LAYOUT = FormLayout(
    ORDER,
    order=(
        *("title", "contact_id", "value", "currency", "status", "ordered_on", "source", "paid_on"),
        *("deal_id", "external_id", "note"),
    ),
    wide=frozenset({"contact_id"}),
    labels={"ordered_on": later("Ordered")},
    options={
        "external_id": {"help": later("What the source calls it: the same one again is the same order.")},
        "note": {"height": 80},
    },
    widgets={"deal_id": _deal},
    begins=lambda tx: {"ordered_on": tx.today},
)
