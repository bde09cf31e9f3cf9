"""The page of a record of any type, drawn from the type's declaration."""

from typing import Any

from crm.foundation.language import tr
from crm.records import registry
from crm.records.declaration import RecordType
from crm.ui import as_defined, live, record_links, session
from crm.ui.forms import layout
from crm.ui.forms.layout import FormLayout
from crm.ui.records import linked_records, record_layout, record_page


def show(of: RecordType[Any]) -> None:
    """The record that the address names."""
    form = layout.declared(of)
    record_id = record_page.named_in_address(of.key)

    record_page.show(form, record_id, lambda: _body(form, record_id))


def _body(form: FormLayout, record_id: int) -> None:
    of = form.of
    live.on_change(of.key, *record_links.named_types(of), *as_defined.listened(of), key=f"{of.key}-live")
    with session.reading() as tx:
        as_defined.check(of)
        record = record_page.found(registry.room(of.key).get, tx, record_id, of.key)
        context = record_page.context(tx, of, record_id)
        links = linked_records.read(tx, of.key, record_id) if of.custom else None
    record_page.head(form, record)
    left, middle, right = record_layout.columns()
    linked = record_page.linked(of, record)
    with left:
        record_page.details(form, record, {}, context, without=(of.title[0], *linked))
    with middle, record_layout.main():
        record_page.tabs(of, record, context)
    with right:
        if linked:
            with record_layout.card("contact", tr("Linked records")):
                record_page.links(of, record)
        linked_records.card(of.key, record_id, links, context.locale)
