"""Settings › Currencies: what other currencies are worth in the workspace's, by the day, and where that is from."""

from datetime import date, timedelta

import polars as pl
import streamlit as st

from crm.foundation.language import later, tr
from crm.platform import rate_fetching, rates
from crm.platform.people import users
from crm.platform.rate_fetching import Fetching
from crm.platform.rates import CurrencyRates, Rate, Source
from crm.ui import regional_choices, session, words
from crm.ui.components import days, sparkline
from crm.ui.components.dialogs import dialog
from crm.ui.settings import currency_file

PAGE = 5


def show() -> None:
    currency_file.toast_what_was_done()
    with session.reading() as tx:
        base, known, fetching = rates.base_currency(tx), rates.latest(tx), rate_fetching.current(tx)
        names = {0: "Mallard"} | {user.id: user.name for user in users.everyone(tx)}
        today, now, locale = tx.today, tx.now, tx.actor.language
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            tr(
                "What other currencies are worth in {currency}, the workspace's. The rate of a day is the latest on or "
                "before it, at most {days} days old.",
                currency=base,
                days=rates.MOST_DAYS,
            ),
            width="stretch",
        )
        with st.container(horizontal=True, width="content"):
            if st.button(tr("Import a file"), icon=":material/upload_file:"):
                currency_file.ask(base, today)
            if st.button(tr("Add a rate"), type="primary", icon=":material/add:"):
                _add(base, today)
    if known:
        _warn_of_old(known, today)
        _table(known, locale)
        _history(known, names, today, locale)
    else:
        st.info(
            tr("There is no rate yet: amounts in other currencies are never added up without one."),
            icon=":material/currency_exchange:",
        )
    st.subheader(tr("Fetching"), anchor=False)
    _fetching(fetching, words.ago(fetching.tried_at, now) if fetching else "")


def _warn_of_old(known: list[CurrencyRates], today: date) -> None:
    oldest = today - timedelta(days=rates.MOST_DAYS)
    if old := [each.currency for each in known if each.latest.day < oldest]:
        st.warning(
            tr(
                "Older than {days} days, and used for no amount of today: {currencies}.",
                days=rates.MOST_DAYS,
                currencies=", ".join(old),
            ),
            icon=":material/event_busy:",
        )


def _table(known: list[CurrencyRates], locale: str) -> None:
    every, base = regional_choices.currencies(), known[0].latest.base_currency
    worth, trend = tr("One is worth, in {currency}", currency=base), tr("The last year")
    st.dataframe(
        pl.DataFrame(
            {
                tr("Currency"): [every.get(each.currency, each.currency) for each in known],
                worth: [words.rate(each.latest.rate, locale) for each in known],
                tr("Day"): [words.day(each.latest.day, locale) for each in known],
                tr("Source"): [tr(Source.of(each.latest.source)) for each in known],
                tr("Rates"): [each.count for each in known],
                tr("The first"): [words.day(each.first_day, locale) for each in known],
                trend: [[float(rate) for rate in each.trend] for each in known],
            }
        ),
        hide_index=True,
        height="content",
        column_config={
            worth: st.column_config.TextColumn(alignment="right"),
            trend: st.column_config.LineChartColumn(),
        },
        alt=tr("The latest rate of each currency"),
    )


def _history(known: list[CurrencyRates], names: dict[int, str], today: date, locale: str) -> None:
    trends = {each.currency: each.trend for each in known}
    every = regional_choices.currencies()
    currency = st.selectbox(
        tr("Rates of"), list(trends), format_func=lambda code: every.get(code, code), key="rates-of", width=320
    )
    sparkline.draw([float(rate) for rate in trends[currency]], "line")
    where = st.container(gap="xsmall")
    with session.reading() as tx:
        total = rates.history(tx, currency, limit=1).total
    pages = -(-total // PAGE)
    page = st.pagination(pages, key=f"rates-page-{currency}") if pages > 1 else 1
    with session.reading() as tx:
        found = rates.history(tx, currency, limit=PAGE, offset=(page - 1) * PAGE)
    with where:
        for rate in found.items:
            _rate(rate, names, today, locale)


def _rate(rate: Rate, names: dict[int, str], today: date, locale: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="center", width="stretch"):
            st.markdown(f"**{words.plain(words.day(rate.day, locale))}**", width="content")
            st.markdown(words.plain(_said(rate, locale)), width="content")
            st.caption(
                words.plain(
                    tr("{source}, {name}", source=tr(Source.of(rate.source)), name=names.get(rate.set_by, "–"))
                ),
                width="content",
            )
        key = f"{rate.currency}-{rate.day}"
        if st.button(tr("Edit"), key=f"edit-rate-{key}", icon=":material/edit:", type="tertiary"):
            _edit(rate)
        if st.button(tr("Delete"), key=f"delete-rate-{key}", icon=":material/delete:", type="tertiary"):
            _delete(rate, locale)


def _said(rate: Rate, locale: str) -> str:
    """1 USD = 5.12 BRL, with all decimal places."""
    return f"1 {rate.currency} = {words.rate(rate.rate, locale, exactly=True)} {rate.base_currency}"


@dialog(later("Add a rate"), icon=":material/add:")
def _add(base: str, today: date) -> None:
    every = {code: name for code, name in regional_choices.currencies().items() if code != base}
    with st.form("new-rate", border=False):
        currency = st.selectbox(tr("Currency"), list(every), None, format_func=every.__getitem__)
        day = st.date_input(tr("Day"), today, max_value=today, format=days.pattern())
        rate = st.text_input(
            tr("One is worth, in {currency}", currency=base),
            placeholder="5.4321",
            help=tr("It takes the place of the rate that the day has."),
        )
        if st.form_submit_button(tr("Save"), type="primary", width="stretch") and session.done(
            rates.set_rate, currency or "", day, _typed(rate)
        ):
            st.rerun()


@dialog(later("Rate of a day"), icon=":material/edit:")
def _edit(rate: Rate) -> None:
    with st.form("rate", border=False):
        st.markdown(f"**{words.plain(words.day(rate.day))}**")
        value = st.text_input(
            tr("1 {currency} in {base}", currency=rate.currency, base=rate.base_currency), rates.plain(rate.rate)
        )
        if st.form_submit_button(tr("Save"), type="primary", width="stretch") and session.done(
            rates.set_rate, rate.currency, rate.day, _typed(value)
        ):
            st.rerun()


def _typed(text: str | None) -> str:
    """A rate as people type it: with a comma where they write one."""
    found = (text or "").strip()
    return found.replace(",", ".") if found.count(",") == 1 and "." not in found else found


@dialog(later("Delete this rate?"), icon=":material/delete:")
def _delete(rate: Rate, locale: str) -> None:
    st.markdown(
        tr(
            "**{rate}** of {day} goes for good. The one before it holds for that day then.",
            rate=words.plain(_said(rate, locale)),
            day=words.plain(words.day(rate.day, locale)),
        )
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Cancel")):
            st.rerun()
        if st.button(tr("Delete"), type="primary", icon=":material/delete:") and session.done(
            rates.delete, rate.currency, rate.day
        ):
            st.rerun()


def _fetching(now: Fetching | None, tried: str) -> None:
    st.caption(
        tr(
            "Once a day, from the address of a file as “Import a file” reads it. Nothing is asked for until there is "
            "one. The European Central Bank's: {latest} for the last day, {history} for all since 1999. Rates set by "
            "hand stay.",
            latest="`https://www.ecb.europa.eu/stats/eurofxref/eurofxref.zip`",
            history="`…/eurofxref-hist.zip`",
        )
    )
    with st.form("rate-fetching"):
        url = st.text_input(tr("Address"), now.url if now else "", placeholder=tr("Empty: nothing is fetched"))
        saved = st.form_submit_button(tr("Save"), icon=":material/save:", key="save-rate-fetching")
    if saved and session.done(rate_fetching.set_up, url or ""):
        st.rerun()
    if now is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(tr("Fetch now"), icon=":material/sync:") and session.done(rate_fetching.fetch_now):
            st.toast(tr("It is being fetched."), icon=":material/sync:")
        if now.error:
            st.error(
                tr("The last try, {ago}, failed: {why}", ago=tried, why=words.plain(now.error)), icon=":material/error:"
            )
        elif now.succeeded_at:
            st.caption(tr("Fetched {ago}.", ago=tried))
        else:
            st.caption(tr("Not fetched yet."))
