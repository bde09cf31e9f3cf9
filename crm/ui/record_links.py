"""The places where records are shown, to link to and to go to: the list of a type, and one record."""

from functools import cache
from typing import Any, NoReturn

import streamlit as st

from crm.foundation.settings import ROOT
from crm.records import registry
from crm.records.declaration import RecordType
from crm.records.filters import Filter, dump

LIST_PAGES = {"deal": "pipeline", "product": "catalog"}
"""{type: page of its list}, where that is not called by the type's plural."""
OPENED_IN_LIST = frozenset({"product"})
"""Types whose records open in a drawer of their list."""


@cache
def has_script(page: str) -> bool:
    return (ROOT / "pages" / f"{page}.py").is_file()


def list_page(of: RecordType[Any]) -> str:
    """The name of the page with the type's list, which is its address too."""
    return LIST_PAGES.get(of.key, of.plural)


def record_page(of: RecordType[Any]) -> str:
    """As `list_page`, of the page that shows one record."""
    return list_page(of) if of.key in OPENED_IN_LIST else of.key


def page(name: str) -> str | st.Page:
    """What `st.page_link` and `st.switch_page` take for a page: its script; where it has none, its address."""
    # Streamlit knows a page without a script by its address alone: this one is never run, but the registered one.
    return f"pages/{name}.py" if has_script(name) else st.Page(lambda: None, title=name, url_path=name)


def link(kind: str, record_id: int | None, label: str, *, icon: str | None = None, help: str | None = None) -> None:
    """A link to a record; label and help are Markdown."""
    target = page(record_page(registry.get(kind)))
    st.page_link(target, label=label, icon=icon, help=help, query_params={kind: str(record_id)})


def link_to_list(of: RecordType[Any], label: str, *, icon: str, query: Filter | None = None) -> None:
    """A link to the list of a type, narrowed by `query`: deals as a table, of one pipeline at a time."""
    words = {"filter": dump(query)} if query else {}
    if query and list_page(of) == "pipeline":
        words["show"] = "table"
    st.page_link(page(list_page(of)), label=label, icon=icon, query_params=words)


def open_record(kind: str, record_id: int) -> NoReturn:
    """The run ends here and the record is shown."""
    st.switch_page(page(record_page(registry.get(kind))), query_params={kind: str(record_id)})


def open_list(kind: str) -> NoReturn:
    st.switch_page(page(list_page(registry.get(kind))))


def named_types(of: RecordType[Any]) -> list[str]:
    """The types whose records' names a record of this type is shown with: a page or list of it changes with them."""
    return [field.to for field in of.references.values() if isinstance(field.to, str)]
