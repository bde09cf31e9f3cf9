"""The types that there are, the templates where there is none, and those that were deleted."""

import streamlit as st

from crm import objects
from crm.foundation.language import later, plural, tr, tr_as
from crm.objects import ObjectType
from crm.records import attributes, registry
from crm.ui import record_links, session, words
from crm.ui.components import restorable, sorting
from crm.ui.components.dialogs import dialog
from crm.ui.objects import gallery, place, type_form


def show() -> None:
    with session.reading() as tx:
        known, gone = objects.types(tx), objects.deleted(tx)
        fields = {of.id: len(attributes.definitions(tx, of.kind)) for of in known}
        records = objects.record_counts(tx)
        zone = tx.actor.time_zone
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(tr("Record types"), anchor=False, width="content")
        with st.container(horizontal=True, width="content"):
            if len(known) > 1:
                _opener(tr_as("arrange", "Order"), ":material/swap_vert:", place.ORDER)
            if known:
                _opener(tr("Templates"), ":material/dashboard_customize:", place.TEMPLATES)
            _opener(tr("New type"), ":material/add:", place.NEW, type="primary")
    st.caption(
        tr(
            "Records of your own beside contacts and deals, such as courses or vehicles. Each type has a list, pages, "
            "filters, imports, exports and an address in the API."
        )
    )
    if not known:
        st.subheader(tr("Begin with a template, or with a type of your own"), anchor=False)
        gallery.show()
    for of in known:
        _row(of, fields[of.id], records[of.id])
    if gone:
        with st.expander(tr("Deleted ({count})", count=len(gone)), icon=":material/delete:"):
            for of in gone:
                _deleted(of, zone)
    match place.dialog():
        case place.NEW:
            type_form.new()
        case place.ORDER:
            _order(known)
        case place.TEMPLATES:
            gallery.show_dialog()


def _opener(label: str, icon: str, word: str, **options: str) -> None:
    st.button(label, icon=icon, on_click=place.open_dialog, args=(word,), key=f"types-{word}", **options)  # type: ignore[arg-type]


def _row(of: ObjectType, fields: int, records: int) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{of.icon} {words.plain(of.plural)}**")
            known = plural("{count:,} field", "{count:,} fields", fields)
            st.caption(f"{counted(of, records)} · {known}")
        record_links.link_to_list(registry.get(of.kind), tr("Open the list"), icon=":material/list:")
        st.button(
            tr("Edit"),
            key=f"edit-type-{of.id}",
            icon=":material/edit:",
            type="tertiary",
            on_click=place.open_type,
            args=(of.id,),
        )


def counted(of: ObjectType, records: int) -> str:
    """“1 course”, “12 courses”, as Markdown."""
    kind = registry.get(of.kind)
    return words.plain(tr("{count:,} {kind}", count=records, kind=kind.one if records == 1 else kind.many))


def _deleted(of: ObjectType, zone: str) -> None:
    said = tr(
        "Deleted {moment} by {name}. Its records are kept until {until}.",
        moment=words.moment(of.deleted_at, zone),
        name=of.deleted_by_name,
        until=words.moment(of.until, zone),
    )
    with restorable.row(
        f"{of.icon} {words.plain(of.plural)}", said, objects.restore, of.id, key=f"restore-type-{of.id}"
    ):
        pass


@dialog(later("Order of types"), icon=":material/swap_vert:", on_dismiss=place.close_dialog)
def _order(known: list[ObjectType]) -> None:
    st.caption(tr("Drag them into the order in which the sidebar shows them."))
    names = {of.id: of.plural for of in known}
    arranged = sorting.in_order(names, key=f"order-types-{'-'.join(map(str, names))}")
    if arranged and session.done(objects.reorder, arranged):
        st.rerun()
