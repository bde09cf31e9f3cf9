"""Settings › Attributes: the fields that a team adds to its record types."""

import streamlit as st

from crm.foundation import bounds
from crm.foundation.language import capitalized, tr, tr_as
from crm.records import attributes, registry
from crm.ui import session
from crm.ui.attributes import drawer, edit, new, rows
from crm.ui.components import address


def show() -> None:
    actor = session.actor()
    types = [registry.get(model) for model in attributes.models()]
    models = {of.plural.capitalize(): of for of in types if of.is_on(actor)}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        named = {word: capitalized(of.many) for word, of in models.items()}
        of = models[address.segments(tr("Type of record"), "of", named, default=next(iter(named)))]
        model = of.key
        with st.container(horizontal=True, width="content"):
            st.button(
                tr_as("arrange", "Order"), icon=":material/swap_vert:", on_click=drawer.open_, args=(drawer.ORDER,)
            )
            st.button(
                tr("New attribute"), type="primary", icon=":material/add:", on_click=drawer.open_, args=(drawer.NEW,)
            )
    with session.reading() as tx:
        known, used = attributes.definitions(tx, model), attributes.usage(tx, model)
        deleted = attributes.deleted(tx, model)
    if not known:
        st.info(
            tr(
                "No attributes yet. An attribute is a field of your own on every {model}: on its page, "
                "in lists, filters, imports, exports and the API.",
                model=of.one,
            ),
            icon=":material/tune:",
        )
    for definition in known:
        rows.row(definition, used[definition.key])
    rows.deleted(deleted, actor.time_zone)
    match drawer.current():
        case drawer.NEW:
            new.show(model)
        case drawer.ORDER:
            rows.order(model)
        case word if (attribute_id := bounds.whole(word)) is not None:
            edit.show(attribute_id)
