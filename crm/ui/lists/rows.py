"""The rows of a list with their bar of bulk changes and their pager, on a list page or elsewhere."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.language import tr
from crm.records.declaration import Trait
from crm.records.listing import ListQuery, Page
from crm.store import Reading
from crm.ui import session
from crm.ui.components import address
from crm.ui.lists import ahead, bulk, cells, picking, to_pipeline
from crm.ui.lists.cells import Column
from crm.ui.lists.layout import ListLayout
from crm.ui.lists.url_state import ROWS
from crm.ui.lists.wording import many


@dataclass(frozen=True)
class Rows:
    """One page of a list, as read. `key` distinguishes its widgets from those of another list."""

    layout: ListLayout
    key: str
    query: ListQuery
    page: Page
    columns: Sequence[Column]
    """Those that are shown."""
    sorts: Sequence[str]
    """The sorts that the address may name, the default first."""


def of_page(
    tx: Reading,
    layout: ListLayout,
    shown: Sequence[Column],
    query: ListQuery,
    page: Page,
    sorts: Iterable[str],
    *,
    key: str,
) -> Rows:
    """`shown`: the columns that are chosen."""
    return Rows(layout, key, query, page, cells.filled(tx, shown, page.items), tuple(sorts))


def counted(rows: Rows) -> str:
    """The sentence above the rows: how many there are, and which of them are on this page."""
    page, of = rows.page, rows.layout.of
    if not page.items:
        return tr("No {kinds}", kinds=of.many)
    if page.total == len(page.items):
        return many(page.total, of)
    first = rows.query.offset + 1
    last = first + len(page.items) - 1
    return tr("{first:,}–{last:,} of {count:,} {kinds}", first=first, last=last, count=page.total, kinds=of.many)


def show(rows: Rows, *, open_record: Callable[[int], None] | None = None, filter: str | None = None) -> None:
    """The table; the bar of what can be done with the rows that are picked; the dialog of what was chosen there.
    `filter` stands in exports for the address's, where the list is narrowed by more than that."""
    of, key, page = rows.layout.of, rows.key, rows.page
    actor = session.actor()
    may_change, may_export = actor.may(of.permission), actor.may(Permission.EXPORT)
    picks = (of.has(Trait.BULK) and may_change) or (of.has(Trait.EXPORT) and may_export)
    sorting = picking.Sorting(rows.sorts, rows.query.sort or rows.sorts[0])
    ids = picking.table(of, page.items, rows.columns, picks=picks, key=key, open_record=open_record, sorting=sorting)
    picked = picking.picked(page, rows.query, ids, key=key) if picks else None
    if picked:  # at the window's foot: above the rows it would push them away from under the next click
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"picked-{key}"):
            picking.summary(picked, page, of, key=key)
            if of.key == "contact":
                to_pipeline.button(picked, key=key)
            bulk.bar(of, picked, key=key, filter=filter)
    bulk.ask_if_started(of, key=key)
    if of.key == "contact" and to_pipeline.is_open():
        to_pipeline.show()


def pager(rows: Rows, read: Callable[[Reading, ListQuery], Page] | None = None) -> None:
    """`read` is what read this page: then another one is read while the pointer rests on its number."""
    key = f"{rows.key}-page"
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(rows.page.total, ROWS, key=key)
    id_hash = session.id_hash()
    if read and id_hash and rows.page.total > ROWS:
        ahead.LISTS.offer(id_hash, key, _page_reader(rows.query, rows.columns, read))


def _page_reader(query: ListQuery, columns: Sequence[Column], read: Callable[[Reading, ListQuery], Page]) -> ahead.Read:
    """What reads a page of the list by its number. It holds none of the rows that are shown now."""

    def read_page(tx: Reading, number: int) -> None:
        page = read(tx, replace(query, offset=(number - 1) * ROWS))
        cells.filled(tx, columns, page.items)

    return read_page
