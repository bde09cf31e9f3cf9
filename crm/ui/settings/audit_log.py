"""Settings › Audit log: who did what, when, and by which way in."""

import json
import math

import pyarrow as pa
import streamlit as st

from crm.foundation.language import tr
from crm.platform.people import users
from crm.records import audit, registry
from crm.records.audit import Entry
from crm.ui import session, words

PAGE = 50


def show() -> None:
    with session.reading() as tx:
        everyone = {user.id: user.name for user in users.everyone(tx)}
        kinds = audit.kinds(tx)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            tr("Search"), type="search", live=True, placeholder=tr("deal.moved, a value …"), key="audit-q"
        )
        actor_id = st.selectbox(
            tr("Who"), list(everyone), None, format_func=everyone.__getitem__, placeholder=tr("Anybody")
        )
        kind = st.selectbox(tr("Type of record"), kinds, None, format_func=registry.one_of, placeholder=tr("Anything"))
    with session.reading() as tx:
        found = audit.find(tx, actor_id=actor_id, kind=kind, search=search or "", limit=PAGE, offset=0)
        pages = max(1, math.ceil(found.total / PAGE))
    # The pager stands below the table, but is drawn before it: its page is what the table shows.
    where = st.empty()
    page = st.pagination(pages, key=f"audit-page-{search}-{actor_id}-{kind}") if pages > 1 else 1
    # Only a first read tells how many pages there are.
    if page > 1:
        with session.reading() as tx:
            found = audit.find(
                tx, actor_id=actor_id, kind=kind, search=search or "", limit=PAGE, offset=(page - 1) * PAGE
            )
    where.dataframe(
        _table(found.items, session.actor().time_zone),
        hide_index=True,
        height="content",
        column_config={tr("Details"): st.column_config.TextColumn(width="large")},
    )
    st.caption(
        tr(
            "{total:,} events. The log is append-only and each entry is chained to the one before it.",
            total=found.total,
        )
    )


def _table(entries: list[Entry], time_zone: str) -> pa.Table:
    rows = [
        {
            tr("When"): words.moment(entry.happened_at, time_zone),
            tr("Who"): entry.actor_name,
            tr("What"): audit.called(entry.name),
            tr("Record"): f"{registry.one_of(entry.subject_kind)} {entry.subject_id}",
            tr("Source"): words.source(entry.source),
            tr("Details"): _details(entry),
        }
        for entry in entries
    ]
    columns = [tr("When"), tr("Who"), tr("What"), tr("Record"), tr("Source"), tr("Details")]
    return pa.table({column: [row[column] for row in rows] for column in columns})


def _details(entry: Entry) -> str:
    changes = entry.payload.get("changes", {})
    changed = [f"{field}: {_short(before)} → {_short(after)}" for field, (before, after) in changes.items()]
    rest = {key: value for key, value in entry.payload.items() if key != "changes"}
    return "; ".join([*changed, *(f"{key}: {_short(value)}" for key, value in rest.items())])


def _short(value: object) -> str:
    text = audit.named(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else f"{text[:119]}…"
