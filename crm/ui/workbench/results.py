"""What came of a run: its rows, its chart, its plan, its files; while it runs, the time that it takes."""

from functools import partial

import pyarrow as pa
import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.errors import CrmError, NotFound
from crm.foundation.language import plural, tr
from crm.platform import process
from crm.ui import refusals, session, words
from crm.ui.auth import confirming
from crm.ui.components import lazy
from crm.ui.lists.exporting import FORMATS
from crm.ui.reports import report_cards
from crm.ui.workbench import builder
from crm.ui.workbench.chart import SHOWN_ROWS
from crm.ui.workbench.draft import Draft
from crm.workbench import background, charting, running
from crm.workbench.background import Job
from crm.workbench.limits import Limits
from crm.workbench.running import QueryRefused, Result


def draw(draft: Draft) -> None:
    job = draft.job
    if job and job.at_work:
        _progress(draft, job)
        return
    if job and job.refusal:
        _refused(job.refusal)
    elif job and job.result:
        _headline(job, job.result)
    locale = session.actor().language
    lazy.tabs(
        {
            tr("Table"): partial(_table, job),
            tr("Chart"): partial(_chart, draft, job, locale),
            tr("Plan"): partial(_plan, draft),
        },
        key="sql-tabs",
    )


@refusals.fragment(run_every=1.0)
def _progress(draft: Draft, job: Job) -> None:
    if not job.at_work:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        limit = running.of(process.store()).limits.seconds
        said = tr("Running for {seconds:.0f} s, {limit:.0f} s at most …", seconds=job.seconds, limit=limit)
        st.markdown(f":material/hourglass_top: {said}")
        if st.button(tr("Cancel"), icon=":material/cancel:", key="sql-cancel"):
            cancel(job)
            st.rerun()


def cancel(job: Job) -> None:
    try:
        background.of(process.store()).cancel(session.actor(), job.run_id)
    except NotFound:
        pass  # it has ended by itself
    else:
        job.done.wait(2)


def limits(found: Limits) -> str:
    return tr(
        "A query may take {seconds:g} s, {memory:,} MiB of memory, {rows:,} rows and {output:,} MiB of result.",
        seconds=found.seconds,
        memory=found.memory // 2**20,
        rows=found.rows,
        output=found.output // 2**20,
    )


def _refused(refusal: CrmError) -> None:
    text = words.plain(str(refusal))
    if isinstance(refusal, QueryRefused) and refusal.line:
        place = tr("Line {line}, column {column}.", line=refusal.line, column=refusal.column)
        text = f"{text} {place}"
    st.error(text, icon=":material/error:")


def _headline(job: Job, result: Result) -> None:
    table = result.table
    rows = table.num_rows if table is not None else 0
    said = [plural("{count:,} row", "{count:,} rows", rows), tr("{seconds:.2f} s", seconds=result.seconds)]
    if result.views:
        said.append(tr("read: {views}", views=", ".join(result.views)))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(" · ".join(said), width="content")
        if table is not None and session.actor().may(Permission.EXPORT):
            lazy.popover(tr("Export"), partial(_files, job.run_id), key="sql-export", icon=":material/download:")
    if result.truncated == "rows":
        st.warning(tr("There are more rows than a query may give: these are the first {rows:,}.", rows=rows))
    elif result.truncated:
        st.warning(tr("The result is larger than it may be: these are its first {rows:,} rows.", rows=rows))


def _files(run_id: str) -> None:
    if not confirming.confirmed("sql-export"):
        return
    for name, suffix in FORMATS.items():
        st.link_button(
            name,
            f"/sql/results/{run_id}.{suffix}",
            icon=":material/description:",
            width="stretch",
            help=tr("The whole result as {format}", format=name),
        )


def _table(job: Job | None) -> None:
    table = _rows(job)
    if table is None:
        return
    numbers = [name for name, kind in charting.kinds(table).items() if kind == "number"]
    st.dataframe(
        table.slice(0, SHOWN_ROWS),
        column_config={name: st.column_config.NumberColumn(format="localized") for name in numbers},
        hide_index=True,
        key=f"sql-table-{job.run_id if job else ''}",
        height=report_cards.height(table.num_rows),
        alt=tr("The rows of the result"),
    )
    if table.num_rows > SHOWN_ROWS:
        st.caption(tr("The first {rows:,} rows are shown. A file has all of them.", rows=SHOWN_ROWS))


def _chart(draft: Draft, job: Job | None, locale: str) -> None:
    table = _rows(job)
    if table is not None:
        builder.draw(draft, table, locale)


def _rows(job: Job | None) -> pa.Table | None:
    """The rows of a result; says why where there are none to draw."""
    table = job.result.table if job and job.result else None
    if table is None:
        if not (job and job.refusal):
            st.caption(tr("Run the query to see its rows here."))
    elif not table.num_rows:
        st.info(tr("The query ran, and no row is in its result."), icon=":material/inbox:")
        return None
    return table


def _plan(draft: Draft) -> None:
    query = draft.query
    if not query.sql.strip():
        st.caption(tr("Write a query to see how it would run."))
        return
    if draft.plan is None or draft.plan[0] != query:
        try:
            explained = running.Query(query.sql, query.parameters, explain=True)
            draft.plan = query, running.of(process.store()).run(session.actor(), explained).plan
        except CrmError as refusal:
            _refused(refusal)
            return
    st.caption(tr("How the engine would run the query, from the bottom up. Nothing is run to tell it."))
    st.code(draft.plan[1], language=None)
