"""Settings › Attributes: the fields that a team adds to its record types."""

import streamlit as st

from crm.foundation import bounds
from crm.foundation.language import capitalized, later, tr, tr_as
from crm.records import attributes, registry
from crm.records.attributes import AttributeType, Definition, Deleted
from crm.ui import session, words
from crm.ui.attributes import drawer, edit, new, type_names
from crm.ui.components import address, sorting
from crm.ui.components.dialogs import dialog


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
        _row(definition, used[definition.key])
    if deleted:
        with st.expander(tr("Deleted ({count})", count=len(deleted)), icon=":material/delete:"):
            for attribute in deleted:
                _deleted(attribute, actor.time_zone)
    match drawer.current():
        case drawer.NEW:
            new.show(model)
        case drawer.ORDER:
            _order(model)
        case word if (attribute_id := bounds.whole(word)) is not None:
            edit.show(attribute_id)


def _row(definition: Definition, records: int) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.plain(definition.name)}**")
            st.caption(f"`{definition.key}` · {_summary(definition)} · {type_names.records(records, definition.model)}")
        st.badge(tr(definition.type), color="gray", icon=type_names.ICONS[definition.type])
        st.button(
            tr("Edit"),
            key=f"edit-attribute-{definition.id}",
            icon=":material/edit:",
            type="tertiary",
            on_click=drawer.open_,
            args=(str(definition.id),),
        )


def _summary(definition: Definition) -> str:
    if definition.type is AttributeType.LIST:
        named = ", ".join(definition.values[:4]) + (" …" if len(definition.values) > 4 else "")
        if not named:
            return tr("no values yet")
        return words.plain(tr("{count} values: {named}", count=len(definition.values), named=named))
    if definition.pattern:
        return words.plain(definition.hint or tr("matches {pattern}", pattern=definition.pattern))
    return tr(type_names.EXPLANATIONS[definition.type])


def _deleted(attribute: Deleted, time_zone: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.plain(attribute.name)}**")
            st.caption(
                words.plain(
                    tr(
                        "Deleted {moment} by {name}. Its values are kept until {until}.",
                        moment=words.moment(attribute.deleted_at, time_zone),
                        name=attribute.deleted_by_name,
                        until=words.moment(attribute.until, time_zone),
                    )
                )
            )
        if st.button(
            tr("Restore"), key=f"restore-{attribute.id}", icon=":material/undo:", type="tertiary"
        ) and session.done(attributes.restore, attribute.id):
            st.rerun()
        with st.popover(tr("Delete for good"), icon=":material/delete_forever:", type="tertiary"):
            st.markdown(
                tr("The values of **{name}** cannot be brought back after this.", name=words.plain(attribute.name))
            )
            if st.button(tr("Delete for good"), key=f"discard-{attribute.id}", type="primary") and session.done(
                attributes.discard, attribute.id
            ):
                st.rerun()


@dialog(later("Order of attributes"), icon=":material/swap_vert:", on_dismiss=drawer.close)
def _order(model: str) -> None:
    st.caption(tr("Drag them into the order in which forms, pages and files show them."))
    with session.reading() as tx:
        names = {definition.id: definition.name for definition in attributes.definitions(tx, model)}
    arranged = sorting.in_order(names, key=f"order-{model}-{'-'.join(map(str, names))}")
    if arranged and session.done(attributes.reorder, model, arranged):
        st.rerun()
