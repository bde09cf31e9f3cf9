"""Ready-made types for some trades, as cards, and an empty start."""

import streamlit as st

from crm import objects
from crm.foundation.language import later, tr
from crm.objects import Template
from crm.ui import session, words
from crm.ui.components.dialogs import dialog
from crm.ui.objects import place


@dialog(later("Templates"), width="large", icon=":material/category:", on_dismiss=place.close_dialog)
def show_dialog() -> None:
    show()


def show() -> None:
    """Draw the templates; the page shows the types that one has made."""
    with st.grid(3, min_column_width=260):
        for template in objects.TEMPLATES:
            _card(template)


def _card(template: Template) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{template.types[0].icon} {tr(template.name)}**")
        st.caption(tr(template.about))
        for of in template.types:
            names = [tr(of.primary), *(tr(field.name) for field in of.fields)]
            st.caption(f"**{of.icon} {tr(of.plural)}**: {words.plain(', '.join(names))}")
        st.space("stretch")
        if st.button(tr("Use this"), key=f"template-{template.key}", width="stretch"):
            made = session.attempt(objects.from_template, template)
            if made:
                place.open_list()
                st.rerun()
