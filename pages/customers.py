"""Customers: what new and returning ones bring, who buys again and when, and RFM, whose cells open their people."""

from functools import partial

import polars as pl
import streamlit as st
from babel.numbers import format_decimal

from crm.foundation import money
from crm.foundation.access import Module
from crm.foundation.errors import CrmError
from crm.foundation.language import later, listed, plural, tr
from crm.orders.declaration import SOURCE_NAMES
from crm.platform.people import teams, users
from crm.records import labels, segments
from crm.reports import customers, query, rfm
from crm.reports.customer_people import Cell, Picture
from crm.reports.customers import Buyers, Cohort, Customers, OrdersConverted
from crm.reports.periods import Grain
from crm.reports.query import CustomerFilters
from crm.store import Reading
from crm.ui import session, words
from crm.ui.reports import (
    charts,
    customer_charts,
    customer_drawer,
    rate_notes,
    report_cards,
    report_drawer,
    report_filters,
    report_tables,
)

PERIODS = ["this-quarter", "last-quarter", "last-6-months", "last-12-months", "this-year", "last-year"]
ABOUT_REVENUE = later("""
The value of the purchases by the day they were ordered. **New**: the first order of a customer ever. **Returning**:
every later one. **No customer**: orders without a contact, or whose contact is in the bin or hidden from you; for
companies, also those of contacts without a company.

**Purchases** are the orders that are not cancelled, failed or refunded, up to today. Amounts in other currencies are
converted at the rate of the order’s day; without a rate they count as nothing, and are counted below.

**Repeat rate**: of the customers with a purchase in the period, the share with two or more in it. **Second order**:
days from the first order to the second, of the customers whose first was in the period; the median by Kaplan–Meier,
since who has not ordered again may still. “–” where fewer than half of them are known to.
""")
ABOUT_COHORTS = later("""
A cohort is the customers whose first order ever was placed in that month or quarter. **Customers**: the share of them
that bought in the month that many months later. **Revenue kept**: what they spent in it, against what they spent in
their first month. **Grey**, and in brackets: a month that is not over yet, so the figure may still grow. **All**: every
cohort whose month is over, each by its size.
""")
ABOUT_RFM = later("""
All customers with purchases up to today, whatever the period, in fifths: **recency** by the day of the last order,
**frequency** by the number of orders, **monetary** by what they spent; 5 is the best. A customer’s group is 1 + ⌊5 ×
share⌋, share being the part of the customers that has less. Equal customers are always in the same group, so fifths are
not all of one size: where most have ordered once, these are all in group 1, and the groups just above it are empty.
Source: Arthur M. Hughes, *Strategic Database Marketing*.
""")


def draw_title(tx: Reading, filters: CustomerFilters) -> None:
    with report_cards.title_row(tr("Customers")):
        active = report_filters.count("of", "segment", "owner", "team", "label", "source", "currency")
        with st.popover(
            tr("Filters ({count})", count=active) if active else tr("Filters"), icon=":material/filter_list:"
        ):
            report_filters.period_choice(
                filters.period, PERIODS, default=query.LOOK_BACK_PERIOD, key="customers-period"
            )
            draw_filters(tx, filters.scope.of)
        report_filters.grain_choice(key="customers-by")


def draw_filters(tx: Reading, of: Buyers) -> None:
    choice = report_filters.choice
    if tx.actor.has(Module.COMPANIES):
        kinds = {Buyers.CONTACTS.value: tr("Contacts"), Buyers.COMPANIES.value: tr("Companies")}
        choice(tr("Customers are"), "of", kinds, default=Buyers.CONTACTS.value, key="customers-of")
    if found := {str(each.id): each.name for each in segments.of_kind(tx, of.value)}:
        choice(tr("Segment"), "segment", {"": tr("Everybody")} | found, key=f"customers-segment-{of}")
    people = {str(person.id): person.name for person in users.everyone(tx)}
    choice(tr("Owner"), "owner", {"": tr("Everybody"), "0": tr("Nobody")} | people, key="customers-owner")
    if found := {str(each.id): each.name for each in teams.everyone(tx)}:
        choice(tr("Team"), "team", {"": tr("All teams")} | found, key="customers-team")
    if of is Buyers.CONTACTS and (found := {str(each.id): each.name for each in labels.all_of(tx)}):
        choice(tr("Label"), "label", {"": tr("Any label")} | found, key="customers-label")
    sources = {name: tr(title) for name, title in SOURCE_NAMES.items()}
    choice(tr("Source of the orders"), "source", {"": tr("All sources")} | sources, key="customers-source")
    codes = customers.currencies(tx)
    if len(codes) > 1:
        every = {"": tr("All, in {currency}", currency=codes[0])} | {code: code for code in codes}
        choice(tr("Currency"), "currency", every, key="customers-currency")


def draw_cards(report: Customers, locale: str) -> None:
    second, nothing = report.second, tr("No purchases in the period")
    each = report.per_customer
    with st.grid(4, min_column_width=150):
        report_cards.card(
            later("Customers"),
            words.number(report.customers),
            nothing
            if each is None
            else tr("{count} orders each", count=format_decimal(each, "#,##0.0", locale=locale)),
            icon=":material/group:",
            trend=[bucket.new.orders for bucket in report.buckets],
        )
        report_cards.card(
            later("Repeat rate"),
            charts.percent(report.repeat_rate, locale),
            plural("{count:,} bought twice or more", "{count:,} bought twice or more", report.repeaters)
            if report.customers
            else nothing,
            icon=":material/repeat:",
        )
        report_cards.card(
            later("Average order"),
            "–" if report.average is None else money.compact(report.average, report.currency, locale),
            plural(
                "{amount} in {count:,} order",
                "{amount} in {count:,} orders",
                report.rated,
                amount=money.compact(report.total.revenue, report.currency, locale),
            )
            if report.rated
            else nothing,
            icon=":material/receipt_long:",
            trend=[float(bucket.total.revenue) for bucket in report.buckets],
        )
        report_cards.card(
            later("Second order"),
            "–" if second.median is None else tr("{count:,} d", count=round(second.median)),
            tr("{again:,} of {count:,} new customers so far", again=second.again, count=second.customers)
            if second.customers
            else tr("No new customer in the period"),
            icon=":material/timer:",
        )


def draw_revenue(report: Customers, locale: str) -> None:
    report_cards.headline(tr("Revenue from new and returning customers"), ABOUT_REVENUE, csv="customers")
    if not report.total.orders:
        st.info(tr("Nothing was bought in the period."), icon=":material/inbox:")
        return
    st.plotly_chart(
        customer_charts.revenue_chart(report, charts.palette(), locale),
        config=charts.QUIET,
        key="customers-revenue",
        alt=tr("Revenue from new and returning customers"),
    )
    figures = revenue_table(report, locale)
    st.dataframe(
        figures,
        hide_index=True,
        column_config=report_tables.columns(figures, figures.columns[1:]),
        height=report_cards.height(figures.height),
        key="customers-revenue-table",
        alt=tr("Revenue from new and returning customers"),
    )


def revenue_table(report: Customers, locale: str) -> pl.DataFrame:
    parts = {
        later("Returning"): [bucket.returning for bucket in report.buckets],
        later("New"): [bucket.new for bucket in report.buckets],
        later("No customer"): [bucket.nobody for bucket in report.buckets],
        later("Total"): [bucket.total for bucket in report.buckets],
    }
    if not report.nobody.orders:
        del parts["No customer"]
    grain = report_tables.GRAINS[report.grain.value]
    columns: dict[str, list[str]] = {
        grain: [charts.label(bucket.period, report.grain, locale) for bucket in report.buckets] + [tr("Total")]
    }
    for name, each in parts.items():
        whole = sum(each[1:], each[0])
        columns[name] = [money.shown(part.revenue, report.currency, locale) for part in (*each, whole)]
    orders = [bucket.total.orders for bucket in report.buckets]
    columns[later("Orders")] = [words.number(count) for count in (*orders, sum(orders))]
    return pl.DataFrame(columns)


def by_revenue(label: str, key: str) -> bool:
    """Draw the choice between customers and revenue; whether it is revenue."""
    names = {"customers": tr("Customers"), "revenue": label}
    chosen = st.segmented_control(
        tr("Count"),
        list(names),
        default="customers",
        format_func=lambda name: names[name],
        required=True,
        label_visibility="collapsed",
        key=key,
    )
    return bool(chosen == "revenue")


def draw_cohorts(report: Customers, locale: str) -> None:
    report_cards.headline(tr("Who buys again"), ABOUT_COHORTS, csv="customer-cohorts")
    if not any(cohort.customers for cohort in report.cohorts):
        st.info(tr("Nobody ordered for the first time in the period."), icon=":material/inbox:")
        return
    revenue = by_revenue(tr("Revenue kept"), "customers-cohorts-by")
    quarters = report.grain is Grain.QUARTER
    st.caption(
        tr("Percent of the cohort, by quarters after the first order.")
        if quarters
        else tr("Percent of the cohort, by months after the first order.")
    )
    st.plotly_chart(
        customer_charts.cohorts_chart(report, by_revenue=revenue, colours=charts.palette(), locale=locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "customers-cohorts"),
        selection_mode="points",
        key="customers-cohorts",
        alt=tr("Who buys again, by the month of the first order"),
    )
    figures, shown = cohorts_table(report, locale, revenue=revenue), report.cohorts[-customer_charts.MOST_COHORTS :]
    st.dataframe(
        figures,
        hide_index=True,
        column_config=report_tables.columns(figures, figures.columns[1:]),
        on_select=report_cards.opening("customers-cohorts-table", partial(cohort_code, shown)),
        selection_mode="single-cell",
        height=report_cards.height(figures.height),
        key="customers-cohorts-table",
        alt=tr("Who buys again, by the month of the first order"),
    )
    if len(shown) < len(report.cohorts):
        st.caption(
            tr(
                "The last {count:,} of {whole:,} cohorts; the file holds all.",
                count=len(shown),
                whole=len(report.cohorts),
            )
        )


def cohorts_table(report: Customers, locale: str, *, revenue: bool) -> pl.DataFrame:
    shown = report.cohorts[-customer_charts.MOST_COHORTS :]
    last = min(max(len(cohort.cells) for cohort in shown), customer_charts.MOST_COHORTS + 1)

    def share(cohort: Cohort, number: int) -> str:
        if number >= len(cohort.cells):
            return ""
        found = charts.percent(cohort.kept(number) if revenue else cohort.share(number), locale)
        return found if cohort.cells[number].over else f"({found})"

    columns: dict[str, list[str]] = {
        later("First order"): [charts.label(cohort.period, report.grain, locale) for cohort in shown] + [tr("All")],
        later("Customers"): [
            words.number(count) for count in (*(each.customers for each in shown), report.second.customers)
        ],
    }
    for number in range(1, last):
        columns[f"+{number}"] = [share(cohort, number) for cohort in shown] + [
            charts.percent(report.overall(number, by_revenue=revenue), locale)
        ]
    return pl.DataFrame(columns)


def cohort_code(shown: tuple[Cohort, ...], row: int, column: str) -> str:
    """The code of the figure at (row, column) of the table of cohorts; empty where none opens."""
    number = int(column) if column.startswith("+") else 0
    if row >= len(shown) or number >= len(shown[row].cells) or not shown[row].cells[number].customers:
        return ""
    return str(Cell(picture=Picture.COHORT, cohort=shown[row].period.first, number=number))


def draw_rfm(report: Customers, locale: str) -> None:
    report_cards.headline(tr("Recency and frequency"), ABOUT_RFM, csv="customer-rfm")
    if not report.grid.cells:
        st.info(tr("No customer has bought anything yet."), icon=":material/inbox:")
        return
    revenue = by_revenue(tr("Revenue"), "customers-rfm-by")
    if report.grid.customers < rfm.FEWEST:
        st.caption(tr("Fewer than five customers: fifths of so few say little."))
    picture, table = st.columns([3, 2])
    with picture:
        st.plotly_chart(
            customer_charts.rfm_chart(report, by_revenue=revenue, colours=charts.palette(), locale=locale),
            config=charts.QUIET,
            on_select=partial(report_drawer.open_marked, "customers-rfm"),
            selection_mode="points",
            key="customers-rfm",
            alt=tr("Customers by recency and frequency"),
        )
    cells = report.grid.cells[::-1]
    figures = pl.DataFrame(
        {
            "R": [cell.recency for cell in cells],
            "F": [cell.frequency for cell in cells],
            later("Customers"): [words.number(cell.customers) for cell in cells],
            later("Revenue"): [money.shown(cell.revenue, report.currency, locale) for cell in cells],
            later("Last order"): [customer_charts.days_of(cell, locale) for cell in cells],
            later("Orders"): [customer_charts.orders_of(cell) for cell in cells],
        }
    )
    codes = [str(Cell(picture=Picture.RFM, recency=cell.recency, frequency=cell.frequency)) for cell in cells]
    with table:
        st.dataframe(
            figures,
            hide_index=True,
            column_config=report_tables.columns(figures, ("Customers", "Revenue", "Orders")),
            on_select=report_cards.opening("customers-rfm-table", lambda row, _: codes[row]),
            selection_mode="single-cell",
            height=340,
            key="customers-rfm-table",
            alt=tr("Customers by recency and frequency"),
        )


def draw_notes(report: Customers, locale: str) -> None:
    notes = [tr("Orders as they stand today: how they stood on a past day is not kept.")]
    if report.nobody.orders:
        notes.append(
            plural(
                "{count:,} order of the period is of no customer you can see.",
                "{count:,} orders of the period are of no customer you can see.",
                report.nobody.orders,
            )
        )
    if report.ended:
        notes.append(
            plural(
                "{count:,} cancelled, failed or refunded order is left out.",
                "{count:,} cancelled, failed or refunded orders are left out.",
                report.ended,
            )
        )
    if report.future:
        notes.append(
            plural(
                "{count:,} order dated after today is left out.",
                "{count:,} orders dated after today are left out.",
                report.future,
            )
        )
    if report.converted:
        notes.append(
            tr(
                "Converted into {currency}: {orders}.",
                currency=report.currency,
                orders=listed([converted(each, locale) for each in report.converted]),
            )
        )
    if report.left_out:
        notes.append(
            tr(
                "Amounts without a rate count as nothing: {others}. Rates are kept under Settings › Currencies.",
                others=rate_notes.counts(report.left_out),
            )
        )
    st.caption(" ".join(notes))


def converted(used: OrdersConverted, locale: str) -> str:
    return plural(
        "{count:,} order in {currency} at {lowest} to {highest} ({first} – {last})",
        "{count:,} orders in {currency} at {lowest} to {highest} ({first} – {last})",
        used.orders,
        currency=used.currency,
        lowest=words.rate(used.lowest, locale),
        highest=words.rate(used.highest, locale),
        first=words.day(used.first, locale),
        last=words.day(used.last, locale),
    )


def show() -> None:
    with session.reading() as tx:
        filters = query.parse_customers(st.query_params.to_dict(), tx.today)
        # First: whoever has to choose other filters needs the boxes.
        draw_title(tx, filters)
        report = session.read(customers.report, **dict(filters))
        locale = tx.actor.language
    if not report.grid.cells and not report.total.orders:
        st.info(
            tr("There are no purchases here yet. They come with the orders, by import, API or hand."),
            icon=":material/inbox:",
        )
        draw_notes(report, locale)
        return
    draw_cards(report, locale)
    draw_revenue(report, locale)
    draw_cohorts(report, locale)
    draw_rfm(report, locale)
    draw_notes(report, locale)
    if code := report_drawer.open_code():
        customer_drawer.drawer(report, Cell.parse(code), locale)


try:
    show()
except CrmError as refusal:
    st.error(str(refusal), icon=":material/error:")
