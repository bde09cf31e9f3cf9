"""The dialog that takes in a file of rates: what would come of it, and doing it."""

from datetime import date

import polars as pl
import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import later, plural, tr
from crm.platform import rates
from crm.platform.rates import Outcome, Sheet, Source
from crm.ui import session, words
from crm.ui.components.dialogs import dialog

DONE = "rates-taken-in"
SHOWN = 100


def toast_what_was_done() -> None:
    """Say at the run after it what the dialog did: a message before the dialog closes is lost."""
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check:")


@dialog(later("Import rates"), icon=":material/upload_file:")
def ask(base: str, today: date) -> None:
    st.caption(
        tr(
            "CSV, packed as ZIP or not: “day,currency,rate”, what one is worth in {currency}; or the European Central "
            "Bank's, a column for each currency, converted through the euro.",
            currency=base,
        )
    )
    given = st.file_uploader(
        tr("File of rates"), type=["csv", "zip"], max_upload_size=rates.LARGEST_FILE // 2**20, key="rates-file"
    )
    if not given:
        return
    try:
        sheet = rates.read(given.getvalue(), base, today)
        outcome = session.read(rates.plan, sheet, Source.FILE)
    except CrmError as refusal:
        st.error(words.plain(str(refusal)), icon=":material/error:")
        return
    _say(outcome)
    if st.button(
        tr("Import"),
        type="primary",
        icon=":material/check:",
        width="stretch",
        disabled=not (outcome.new or outcome.changed),
    ):
        _take_in(sheet)


def _take_in(sheet: Sheet) -> None:
    outcome = session.attempt(rates.apply, sheet, Source.FILE)
    if outcome:
        st.session_state[DONE] = _counts(outcome)
        st.rerun()


def _say(outcome: Outcome) -> None:
    st.markdown(f"**{_counts(outcome)}**")
    if outcome.first_day and outcome.last_day:
        st.caption(
            tr(
                "{currencies}; from {first} to {last}.",
                currencies=", ".join(outcome.currencies),
                first=words.day(outcome.first_day),
                last=words.day(outcome.last_day),
            )
        )
    if outcome.unquoted_days:
        st.caption(
            plural(
                "{count:,} day says nothing of {currency}, and is left out.",
                "{count:,} days say nothing of {currency}, and are left out.",
                outcome.unquoted_days,
                currency=outcome.base_currency,
            )
        )
    if outcome.rejects:
        st.dataframe(
            pl.DataFrame(
                {
                    tr("Line"): [reject.line for reject in outcome.rejects[:SHOWN]],
                    tr("Reason"): [reject.reason for reject in outcome.rejects[:SHOWN]],
                }
            ),
            hide_index=True,
            height=180,
            alt=tr("What was rejected, and why"),
        )


def _counts(outcome: Outcome) -> str:
    return tr(
        "{new:,} new, {changed:,} changed, {unchanged:,} unchanged, {rejected:,} rejected",
        new=outcome.new,
        changed=outcome.changed,
        unchanged=outcome.unchanged,
        rejected=outcome.rejected,
    )
