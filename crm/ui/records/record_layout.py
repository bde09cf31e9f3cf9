"""The arrangement of a record's page: title row, facts at the left, tabs in the middle, related records at the right.

On a telephone all cards stand in one column, in the order that matters while one is on the way.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from crm.ui import words
from crm.ui.components import styles

STYLE = (Path(__file__).parent / "record_page.css").read_text()
WIDTHS = (24, 50, 26)


def style() -> None:
    """The styles of the page; outside its fragment, which is drawn far more often."""
    styles.add(STYLE, key="record-style")


@contextmanager
def page(kind: str) -> Iterator[None]:
    with st.container(key=f"record-page-{kind}", gap="small"):
        yield


@contextmanager
def title_row(title: str, badges: str) -> Iterator[None]:
    """The title with its `badges`, as Markdown, and at the right what is drawn within."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="record-head"
    ):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            st.title(words.plain(title), anchor=False, width="content")
            if badges:
                st.markdown(badges, width="content")
        yield


def columns() -> Sequence[DeltaGenerator]:
    """The left, middle and right column."""
    with st.container(key="record-columns"):
        return st.columns(WIDTHS, gap="medium")


@contextmanager
def main() -> Iterator[None]:
    """What stands in the middle."""
    with st.container(key="record-main", gap="small"):
        yield


@contextmanager
def card(name: str, title: str = "") -> Iterator[None]:
    """A card; its place on a telephone is in the style sheet, by `name`. `title` is Markdown."""
    with st.container(border=True, gap="xsmall", key=f"card-{name}"):
        if title:
            st.markdown(f"**{title}**")
        yield


@contextmanager
def titled_row(title: str) -> Iterator[None]:
    """The head of a card: its title, and at the right what is drawn within."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        st.markdown(f"**{title}**", width="content")
        yield


def facts(rows: Mapping[str, str], *, key: str) -> None:
    """A table of two columns, both Markdown."""
    # A Markdown table is drawn in a twentieth of the time that st.table takes (measured: 0.1 and 2.2 ms).
    lines = "".join(f"| {label} | {value or '–'} |\n" for label, value in rows.items())
    with st.container(key=f"facts-{key}"):
        st.markdown(f"| | |\n|-|-|\n{lines}")


def counts(found: Sequence[int], *, key: str) -> None:
    """Write a number beside the label of each tab that holds something; `key` is that of the container around them."""
    # Not in the label: Streamlit knows stateful tabs by their labels, and with another count all would close.
    written = [words.number(count) if count else "" for count in found]
    rules = "".join(
        f'.st-key-{html.escape(key)} [role="tablist"] > :nth-child({place} of [role="tab"]) p::after '
        f'{{ content: "{shown}"; }}\n'
        for place, shown in enumerate(written, 1)
        if shown
    )
    styles.add(rules, key=f"{key}-counts")


def mail_link(email: str | None) -> str:
    return f"[{words.plain(email)}](mailto:{quote(email, safe='@')})" if email else ""


def phone_link(phone: str | None) -> str:
    return f"[{words.plain(phone)}](tel:{quote(phone, safe='+')})" if phone else ""
