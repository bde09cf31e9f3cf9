"""The dialog of targets: all that one may see; managers set and delete them, or take them in from a file."""

from datetime import date

import polars as pl
import streamlit as st

from crm import pipelines
from crm.foundation import money
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.platform.people import teams, users
from crm.reports import target_file, targets
from crm.reports.periods import Grain, grain_start, months_after
from crm.reports.target_file import Outcome
from crm.reports.targets import Span, Subject, Target
from crm.store import Writing
from crm.ui import session, words
from crm.ui.components import lazy
from crm.ui.components.dialogs import dialog
from crm.ui.reports import charts, report_tables

SHOWN_REJECTS = 100
MONTHS_AROUND = 24
KINDS = {
    "": later("Everybody"),
    "owner_id": later("An owner"),
    "team_id": later("A team"),
    "pipeline_id": later("A pipeline"),
}


@dialog(later("Targets"), width="large", icon=":material/flag:")
def show() -> None:
    with session.reading() as tx:
        may_set = pipelines.may_shape(tx.actor)
        today, currency, locale = tx.today, tx.actor.currency, tx.actor.language
    if not may_set:
        _list(locale, may_set=False)
        return
    lazy.tabs(
        {
            tr("All targets"): lambda: _list(locale, may_set=True),
            tr("Set a target"): lambda: _set(today, currency, locale),
            tr("Import a file"): lambda: _import(currency),
        },
        key="targets-tabs",
    )


def _list(locale: str, *, may_set: bool) -> None:
    found = session.read(targets.all_of)
    if not found:
        st.info(tr("There is no target yet."), icon=":material/flag:")
        return
    table = pl.DataFrame(
        {
            later("Of"): [target.subject_name for target in found],
            later("Period"): [_named(target.span, locale) for target in found],
            later("Target"): [money.shown(target.amount, target.currency, locale) for target in found],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, ("Target",)),
        selection_mode="multi-row",
        on_select="rerun" if may_set else "ignore",
        key="targets-list",
        alt=tr("Targets"),
    )
    if not may_set:
        return
    picked = [found[row] for row in st.session_state["targets-list"].selection.rows if row < len(found)]
    if st.button(tr("Delete"), icon=":material/delete:", disabled=not picked) and session.done(_delete, picked):
        st.rerun(scope="fragment")


def _delete(tx: Writing, picked: list[Target]) -> None:
    for target in picked:
        targets.delete(tx, target.id)


def _set(today: date, currency: str, locale: str) -> None:
    with session.reading() as tx:
        choices = {
            "": {},
            "owner_id": {user.id: user.name for user in users.everyone(tx) if user.active},
            "team_id": {team.id: team.name for team in teams.everyone(tx)},
            "pipeline_id": {pipeline.id: pipeline.name for pipeline in pipelines.all_of(tx)},
        }
    kind = st.selectbox(
        tr("Whose"), [each for each in KINDS if not each or choices[each]], format_func=lambda each: tr(KINDS[each])
    )
    grain = st.segmented_control(
        tr("By"),
        list(Grain),
        default=Grain.MONTH,
        required=True,
        format_func=lambda each: tr(report_tables.GRAINS[each]),
        key="target-grain",
    )
    with st.form("target", border=False):
        of = st.selectbox(tr(KINDS[kind]), list(choices[kind]), format_func=choices[kind].__getitem__) if kind else None
        spans = _spans(today, Grain(grain))
        span = st.selectbox(
            tr("Period"), spans, MONTHS_AROUND // Grain(grain).months, format_func=lambda each: _named(each, locale)
        )
        amount = st.text_input(
            tr("Amount in {currency}", currency=currency), help=tr("It takes the place of the target that is there.")
        )
        saved = st.form_submit_button(tr("Save"), type="primary", width="stretch")
    if saved and session.done(targets.set_target, Subject(**({kind: of} if kind else {})), span, _typed(amount)):
        st.toast(tr("The target is set."), icon=":material/check:")


def _spans(today: date, grain: Grain) -> list[Span]:
    """Two years back, and two ahead."""
    now = grain_start(today, grain)
    return [
        Span(first=months_after(now, months), grain=grain)
        for months in range(-MONTHS_AROUND, MONTHS_AROUND + 1, grain.months)
    ]


def _named(span: Span, locale: str) -> str:
    return charts.label(span.period, span.grain, locale)


def _typed(text: str) -> str:
    """An amount as people type it: with a comma where they write one."""
    found = text.strip()
    return found.replace(",", ".") if found.count(",") == 1 and "." not in found else found


def _import(currency: str) -> None:
    st.caption(
        tr(
            "CSV with the first line “{columns}”: owners by mail address or name, teams and pipelines by name, none of "
            "them for everybody; periods as 2026-03 or 2026-Q1; amounts as 1234.50, in {currency}.",
            columns=",".join(target_file.COLUMNS),
            currency=currency,
        )
    )
    given = st.file_uploader(tr("File of targets"), type=["csv"], max_upload_size=1, key="targets-file")
    if not given:
        return
    try:
        outcome = session.read(target_file.plan, given.getvalue())
    except CrmError as refusal:
        st.error(words.plain(str(refusal)), icon=":material/error:")
        return
    _say(outcome)
    if st.button(
        tr("Import"), type="primary", icon=":material/check:", disabled=not (outcome.new or outcome.changed)
    ) and session.done(target_file.apply, given.getvalue()):
        st.rerun()


def _say(outcome: Outcome) -> None:
    counts = tr(
        "{new:,} new, {changed:,} changed, {unchanged:,} unchanged, {rejected:,} rejected",
        new=outcome.new,
        changed=outcome.changed,
        unchanged=outcome.unchanged,
        rejected=outcome.rejected,
    )
    st.markdown(f"**{counts}**")
    if outcome.rejects:
        shown = outcome.rejects[:SHOWN_REJECTS]
        st.dataframe(
            pl.DataFrame(
                {
                    tr("Line"): [reject.line for reject in shown],
                    tr("Reason"): [reject.reason for reject in shown],
                }
            ),
            hide_index=True,
            height=180,
            alt=tr("What was rejected, and why"),
        )
