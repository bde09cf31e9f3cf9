"""A pair as a card: both records side by side, the reasons, and the score."""

from collections.abc import Iterable

import streamlit as st

from crm.foundation.language import current, tr
from crm.records import duplicates, registry
from crm.records.duplicates import Pair, Side
from crm.ui import record_links, words


def head(kind: str, pair: Pair) -> None:
    """Draw the score and the reasons."""
    colour: words.Colour = "red" if pair.score >= 90 else "orange" if pair.score >= 70 else "gray"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(f"{pair.score}", color=colour, icon=":material/join_inner:", help=tr("How likely they are one, of 99"))
        for reason in pair.reasons:
            against = reason.startswith("other_")
            st.badge(
                tr(duplicates.SHORT[reason]),
                color="gray" if against else "blue",
                help=tr(duplicates.sentence(kind, reason)),
            )


def both(kind: str, sides: Iterable[Side], time_zone: str) -> None:
    for column, side in zip(st.columns(2), sides, strict=True):
        with column, st.container(gap="xxsmall"):
            record(kind, side, time_zone)


def record(kind: str, side: Side, time_zone: str) -> None:
    record_links.link(kind, side.id, f"**{words.plain(side.shown_name)}**", icon=registry.get(kind).icon)
    lines = (
        (side.email, side.phone, side.domain),
        (side.company_name, side.city, side.identifier),
    )
    for line in lines:
        if any(line):
            st.caption(" · ".join(words.plain(part) for part in line if part))
    owner = f"{words.plain(side.owner_name)} · " if side.owner_name else ""
    since = tr("since {moment}", moment=words.moment(side.created_at, time_zone, current()))
    st.caption(f"{owner}{since}")
