"""The pages: what each role sees, filters in the address, the drawer of deals, and honest empty states."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from crm import contacts, deals, pipelines
from crm.foundation.access import Module
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.records import attributes, segments
from crm.records.filters import Rule
from crm.reports import targets
from crm.reports.amounts import RateUsed
from crm.reports.periods import Grain
from crm.reports.targets import Span, Subject
from crm.store import Store
from crm.ui import words
from crm.ui.reports import rate_notes
from tests.pages import open_page
from tests.people import Team

PAGES = ("forecast", "conversion")
Fill = Callable[[], None]


@pytest.fixture
def filled(store: Store, team: Team, sales: Pipeline) -> Pipeline:
    """Ana: one deal undated, one overdue, one won, one lost; Bob: one undated, in dollars for another."""
    with store.writing(team.ana) as tx:
        today = tx.today

        def make(title: str, **fields: object) -> int:
            return deals.create(tx, title=title, pipeline_id=sales.id, **fields).id  # type: ignore[arg-type]

        make("Undated *chairs*", value=1000)
        make("Overdue", value=2000, expected_close=today - timedelta(days=1))
        make("Today", value=4000, expected_close=today)
        deals.win(tx, make("Won", value=8000))
        deals.lose(tx, make("Lost", value=500), note="Too dear")
        make("Bob's", value=16000, owner_id=team.ids.bob)
        make("Dollars", value=7, currency="USD", owner_id=team.ids.bob)
    return sales


def cards(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def titles(page: AppTest) -> list[str]:
    """Of the deals in the drawer."""
    return list(next(table.value["Deal"] for table in page.dataframe if "Deal" in table.value.columns))


def healthy(page: AppTest) -> AppTest:
    assert not page.exception
    assert not page.error
    return page


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", ["ada", "marta", "ana", "rui", "vera"])
def test_every_role_reads_the_reports(store: Store, team: Team, filled: Pipeline, name: str, role: str) -> None:
    page = healthy(open_page(store, name, getattr(team, role)))
    assert page.title[0].value == name.title()
    assert cards(page)[{"forecast": "Won so far", "conversion": "Arrived"}[name]] in ("R$8K", "7")


@pytest.mark.parametrize("name", PAGES)
def test_a_viewer_is_offered_no_file(store: Store, team: Team, filled: Pipeline, name: str) -> None:
    def offered(page: AppTest) -> list[str]:
        return [link.url for link in page.get("link_button")]

    assert offered(healthy(open_page(store, name, team.vera))) == []
    links = offered(healthy(open_page(store, name, team.rui, owner=str(team.ids.ana), cell="won")))
    shown = f"&pipeline={filled.id}" if name == "conversion" else ""
    assert f"/reports/{name}.csv?owner={team.ids.ana}{shown}" in links


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_that_the_module_is_off(store: Store, team: Team, filled: Pipeline, name: str) -> None:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = false WHERE module = $crm", crm=Module.CRM.value)
    page = open_page(store, name, team.marta)
    assert not page.exception
    assert "switched off" in page.error[0].value
    assert not page.metric


@pytest.mark.parametrize("name", PAGES)
def test_an_address_that_makes_no_sense_is_a_sentence(store: Store, team: Team, filled: Pipeline, name: str) -> None:
    for query in ({"period": "soon"}, {"cell": "nothing"}, {"owner": "x"}, {"by": "week"}):
        page = open_page(store, name, team.marta, **query)
        assert not page.exception
        assert len(page.error) == 1


def test_the_forecast_shows_overdue_and_undated_apart(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "forecast", team.marta))
    assert cards(page) == {
        "Won so far": "R$8K",
        "Weighted": "R$1K",
        "Open": "R$4K",
        "Overdue": "R$2K",
        "Undated": "R$17K",
        "Outside the period": "R$0",
    }
    assert "1 in USD" in page.caption[-1].value


def test_deals_in_other_currencies_are_added_and_the_page_says_at_which_rate(
    store: Store, team: Team, filled: Pipeline
) -> None:
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "USD", tx.today, "500")
        day = words.day(tx.today, "en")
        deals.win(tx, deals.create(tx, title="Euros", pipeline_id=filled.id, currency="EUR", value=9).id)
    page = healthy(open_page(store, "forecast", team.marta, cell="undated"))
    # 1,000 and 16,000 in BRL, and 7 dollars.
    assert cards(page)["Undated"] == "R$20.5K"
    assert f"Converted into BRL: 1 deal in USD at 500.00 ({day})." in [each.value for each in page.caption]
    assert any("Deals without a rate: 1 in EUR" in each.value for each in page.caption)
    assert page.selectbox(key="forecast-currency").options == ["All, in BRL", "BRL", "EUR", "USD"]
    assert "/reports/forecast-rates.csv?" in [link.url for link in page.get("link_button")]
    [behind] = [table.value for table in page.dataframe if "Deal" in table.value.columns]
    assert list(zip(behind["Value"], behind["Converted"], strict=True)) == [
        ("R$16,000.00", "–"),
        ("$7.00", "R$3,500.00"),
        ("R$1,000.00", "–"),
    ]
    page.selectbox(key="forecast-currency").set_value("USD").run()
    assert cards(healthy(page))["Undated"] == "$7"
    assert not any("Converted" in each.value for each in page.caption)
    page = healthy(open_page(store, "conversion", team.marta))
    assert any("that had no rate when they were closed (1 in EUR)" in each.value for each in page.caption)


def test_several_rates_of_a_currency_are_one_note() -> None:
    used = [
        RateUsed(currency="EUR", rate=Decimal("6.2"), day=date(2026, 3, 2), deals=1),
        *(RateUsed(currency="USD", rate=Decimal(rate), day=date(2026, 3, rate), deals=2) for rate in (5, 4, 6)),
    ]
    assert rate_notes.converted(used, "en") == (
        "1 deal in EUR at 6.20 (Mar 2, 2026) and "
        "6 deals in USD at 3 rates from 4.00 to 6.00 (Mar 5, 2026 – Mar 6, 2026)"
    )


def test_a_figure_opens_the_deals_that_sum_to_it(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "forecast", team.marta))
    page.button(key="behind-Undated").click().run()
    assert page.query_params["cell"] == "undated"
    assert titles(healthy(page)) == ["Bob's", "Undated *chairs*"]
    badges = [each.value for each in page.markdown]
    assert any("17,000" in badge for badge in badges)


def test_the_drawer_is_part_of_the_address(store: Store, team: Team, filled: Pipeline) -> None:
    with store.reading(team.marta) as tx:
        month = tx.today.replace(day=1)
    page = healthy(open_page(store, "forecast", team.marta, cell=f"open:{month}"))
    assert titles(page) == ["Today"]
    page = healthy(open_page(store, "conversion", team.marta, cell=f"undecided:{filled.stages[0].id}"))
    assert titles(page) == ["Bob's", "Today", "Overdue", "Undated *chairs*", "Dollars"]
    page = healthy(open_page(store, "conversion", team.marta, cell="velocity:open"))
    assert (titles(page)[0], page.subheader[-1].value) == ("Bob's", "Open")
    page = healthy(open_page(store, "conversion", team.marta, cell=f"dropped:{filled.stages[0].id}:0"))
    assert (titles(page), page.subheader[-1].value) == (["Lost"], "Lost in Lead, and never further, no reason chosen")
    page = healthy(open_page(store, "conversion", team.marta, cell="lost::0"))
    assert titles(page) == ["Lost"]
    assert page.subheader[-1].value == "Lost, no reason chosen"


def test_filters_are_read_from_the_address_and_written_to_it(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "forecast", team.marta, owner=str(team.ids.bob), currency="USD"))
    assert cards(page)["Undated"] == "$7"
    page.selectbox(key="forecast-owner").set_value(str(team.ids.ana)).run()
    assert page.query_params["owner"] == str(team.ids.ana)
    assert cards(healthy(page))["Undated"] == "$0"
    page.selectbox(key="forecast-owner").set_value("").run()
    page.selectbox(key="forecast-currency").set_value("BRL").run()
    assert "owner" not in page.query_params
    assert cards(healthy(page))["Undated"] == "R$17K"
    page.selectbox(key="forecast-period").set_value("next-year").run()
    assert page.query_params["period"] == "next-year"
    assert cards(healthy(page))["Won so far"] == "R$0"


def test_a_period_of_ones_own_dates(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "forecast", team.marta))
    page.selectbox(key="forecast-period").set_value("dates").run()
    page.date_input(key="forecast-period-days").set_value((date(2020, 1, 1), date(2020, 2, 29))).run()
    assert page.query_params["period"] == "2020-01-01/2020-03-01"
    assert list(healthy(page).dataframe[0].value["Month"]) == ["Jan 2020", "Feb 2020"]


def test_quarters(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "forecast", team.marta, period="2026-01-01/2027-01-01", by="quarter"))
    assert list(page.dataframe[0].value["Quarter"]) == ["Q1 2026", "Q2 2026", "Q3 2026", "Q4 2026"]


def test_under_owner_privacy_a_rep_sees_their_slice(store: Store, team: Team, filled: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.workspace SET owner_privacy = true")
    assert cards(healthy(open_page(store, "forecast", team.ana)))["Undated"] == "R$1K"
    assert cards(healthy(open_page(store, "conversion", team.ana)))["Arrived"] == "5"
    page = healthy(open_page(store, "forecast", team.ana, owner=str(team.ids.bob), cell="undated"))
    assert cards(page)["Undated"] == "R$0"
    assert not any("Deal" in table.value.columns for table in page.dataframe)


def test_the_conversion_page_shows_funnel_win_rate_and_reasons(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "conversion", team.marta))
    assert cards(page) == {
        "Arrived": "7",
        "Won of those": "14.3%",
        "Win rate": "50.0%",
        "Median cycle": "0 d",
        "V · per day": "R$20K",
        "N · open deals": "5",
        "WR · win rate": "50.0%",
        "A · mean won value": "R$8K",
        "C · days to win": "1.0",
    }
    funnel = page.dataframe[0].value
    assert list(funnel["Stage"]) == ["Lead", "Talk", "Offer", "Won"]
    assert list(funnel["Reached"]) == [7, 1, 1, 1]
    assert list(funnel["Conversion"]) == ["14.3%", "100.0%", "100.0%", "–"]
    headings = [heading.value for heading in page.subheader]
    assert headings == [
        "How far deals came",
        "Where and why deals were lost",
        "Time in stage",
        "Won, by month of arrival",
        "Win rate",
        "How long winning takes",
        "Sales velocity",
        "Comparison",
        "Why deals were lost",
    ]
    tables = {next(iter(table.value.columns)): table.value for table in page.dataframe}
    assert list(funnel["Strict"]) == [7, 0, 0, 0]
    assert tables["Length"].to_dict("list") == {"Length": ["0 d"], "Won": [1], "Share": ["100.0%"]}
    assert any(
        ("Lost here" in table.value.columns and table.value["No reason chosen"].sum() == 1)
        for table in page.dataframe
        if "Drop-off" in table.value.columns
    )


def test_a_win_rate_by_value_that_leaves_deals_out_is_a_dash_with_its_reason(
    store: Store, team: Team, filled: Pipeline
) -> None:
    def told(page: AppTest) -> tuple[list[str], list[str]]:
        (table,) = [one.value for one in page.dataframe if {"By value", "Won value"} <= set(one.value.columns)]
        return list(table["By value"])[-1:], [caption.value for caption in page.caption if "by value" in caption.value]

    assert told(healthy(open_page(store, "conversion", team.marta))) == (["94.1%"], [])
    with store.writing(team.ana) as tx:
        deals.lose(tx, deals.create(tx, title="Worth nothing", pipeline_id=filled.id).id, note="Silence")
    by_value, said = told(healthy(open_page(store, "conversion", team.marta)))
    assert (by_value, said) == (["–"], ["The rate by value is “–”: 1 of 2 lost deals carry no value."])


def test_another_pipeline_can_be_chosen(store: Store, team: Team, filled: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        other = pipelines.create(tx, "Renewals", ["Due"])
    page = healthy(open_page(store, "conversion", team.marta))
    page.selectbox(key="conversion-pipeline").set_value(str(other.id)).run()
    assert page.query_params["pipeline"] == str(other.id)
    assert cards(healthy(page))["Arrived"] == "0"
    assert open_page(store, "conversion", team.marta, pipeline="999").error


def test_empty_reports_say_so(store: Store, team: Team) -> None:
    page = healthy(open_page(store, "conversion", team.marta))
    assert "no pipeline yet" in page.info[0].value
    with store.writing(team.marta) as tx:
        pipelines.create(tx, "Sales", ["Lead"])
    page = healthy(open_page(store, "conversion", team.marta))
    assert list(cards(page).values()) == ["0", "–", "–", "–", "–", "0", "–", "–", "–"]
    assert len(page.info) == 3
    page = healthy(open_page(store, "forecast", team.marta))
    assert "No deals to show" in page.info[0].value


def test_amounts_follow_the_workspaces_locale(store: Store, team: Team, filled: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.workspace SET locale = 'pt_BR'")
    page = healthy(open_page(store, "forecast", team.marta, period="2026-01-01/2026-03-01"))
    assert list(page.dataframe[0].value["Won"]) == ["R$\xa00,00"] * 2
    assert list(page.dataframe[0].value["Month"]) == ["jan. de 2026", "fev. de 2026"]


@pytest.mark.parametrize("name", PAGES)
def test_the_figures_as_of_a_past_day_are_those_of_then(store: Store, team: Team, filled: Pipeline, name: str) -> None:
    with store.reading(team.marta) as tx:
        day = tx.today - timedelta(days=20)
    page = healthy(open_page(store, name, team.marta, as_of=day.isoformat()))
    assert any("As of the end of" in info.value for info in page.info)
    assert cards(page)[{"forecast": "Undated", "conversion": "Arrived"}[name]] in ("R$0", "0")
    page.button(key="back-to-now").click().run()
    assert not page.info
    assert cards(healthy(page))[{"forecast": "Undated", "conversion": "Arrived"}[name]] in ("R$17K", "7")


def test_a_day_to_come_is_refused(store: Store, team: Team, filled: Pipeline) -> None:
    page = open_page(store, "forecast", team.marta, as_of="2099-01-01")
    assert "a day to come" in page.error[0].value


@pytest.mark.parametrize("role", ["ada", "marta", "ana", "rui", "vera"])
def test_every_role_reads_what_changed_with_the_deals_of_a_cause(
    store: Store, team: Team, filled: Pipeline, role: str
) -> None:
    page = healthy(open_page(store, "changes", getattr(team, role)))
    assert (cards(page)["Open then"], cards(page)["Difference"]) == ("R$0", "R$23K")
    (causes,) = [table.value for table in page.dataframe if "Cause" in table.value.columns]
    assert causes.to_dict("list") == {"Cause": ["New"], "Amount": ["R$23,000.00"], "Deals": [5]}
    assert any("Deals without a rate: 1 in USD" in caption.value for caption in page.caption)
    drawn = healthy(open_page(store, "changes", getattr(team, role), cell="new"))
    assert sorted(titles(drawn)) == ["Bob's", "Dollars", "Overdue", "Today", "Undated *chairs*"]


def test_what_changed_without_deals_says_so(store: Store, team: Team) -> None:
    page = healthy(open_page(store, "changes", team.marta))
    assert [info.value for info in page.info] == ["Nothing changed between the two days."]


@pytest.mark.parametrize(
    ("query", "because"),
    [({"since": "2099-01-01"}, "not before"), ({"until": "soon"}, "not a day"), ({"cell": "fate"}, "not a cause")],
)
def test_what_changed_refuses_what_it_cannot_answer(
    store: Store, team: Team, query: dict[str, str], because: str
) -> None:
    page = open_page(store, "changes", team.marta, **query)
    assert because in page.error[0].value


def test_the_forecast_by_category_opens_its_deals(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "forecast", team.marta))
    (table,) = [table.value for table in page.dataframe if "Category" in table.value.columns]
    assert list(table["Category"]) == ["Closed", "Commit", "Best case", "Pipeline", "Omitted"]
    assert dict(zip(table["Category"], table["With surer ones"], strict=True))["Pipeline"] == "R$12,000.00"
    drawn = healthy(open_page(store, "forecast", team.marta, cell="category:pipeline"))
    assert titles(drawn) == ["Today"]


def test_the_conversion_is_compared_by_owner_and_by_a_list_attribute(
    store: Store, team: Team, filled: Pipeline
) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Size", type="list", values=["Large & more"])
        deals.create(tx, title="Big", pipeline_id=filled.id, attributes={"size": "Large & more"})

    def parts(page: AppTest) -> dict[str, int]:
        table = next(each.value for each in page.dataframe if "V per day" in each.value.columns)
        return dict(zip(table["Part"], table["Arrived"], strict=True))

    page = healthy(open_page(store, "conversion", team.marta, cell=f"part:won@{team.ids.ana}"))
    assert parts(page)["Bob"] == 2
    assert (titles(page), page.subheader[-1].value) == (["Won"], "Ana")
    assert f"/reports/breakdown.csv?pipeline={filled.id}" in [link.url for link in page.get("link_button")]
    page.selectbox(key="conversion-split").set_value("attribute:size").run()
    assert parts(healthy(page)) == {"None": 7, "Large & more": 1}
    assert any("nobody records when these change" in each.value for each in page.caption)
    page.selectbox(key="conversion-attribute-size").set_value("Large & more").run()
    assert page.query_params["attribute"] == "size=Large+%26+more"
    assert cards(healthy(page))["Arrived"] == "1"
    assert open_page(store, "conversion", team.marta, split="weather").error


def test_the_conversion_is_narrowed_by_a_segment_of_contacts(store: Store, team: Team, filled: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        contact = contacts.create(tx, name="Lia", city="Recife")
        deals.create(tx, title="Lia's", pipeline_id=filled.id, contact_id=contact.id)
        rule = Rule(field="city", op="is", value="Recife")
        segment = segments.create(tx, kind="contacts", name="Recife", filter=rule)
    page = healthy(open_page(store, "conversion", team.marta))
    page.selectbox(key="conversion-segment").set_value(str(segment.id)).run()
    assert cards(healthy(page))["Arrived"] == "1"
    assert open_page(store, "conversion", team.ana, segment=str(segment.id)).error


@pytest.mark.parametrize(
    ("name", "code", "title", "role"),
    [
        ("forecast", "forecast:weighted:open", "Open, by expected close", "ada"),
        ("forecast", "forecast:expected", "Expected", "ana"),
        ("forecast", "target:gap", "Gap", "ana"),
        ("conversion", "closings:rate", "Win rate", "rui"),
        ("conversion", "velocity:mean_value", "Mean value of the deals won in the last 90 days", "ada"),
        ("dashboards", "forecast:value:every_open", "Open pipeline", "marta"),
        ("dashboards", "closings:cycle", "Mean cycle", "vera"),
        ("dashboards", "conversion:count:snapshot:1", "Now in Lead", "ana"),
        ("conversion", "conversion:won", "Won of those that arrived", "vera"),
        ("pipeline", "board:cycle", "Deals that the median cycle is of", "marta"),
    ],
)
def test_a_figure_is_explained_by_the_deals_that_make_the_difference(
    store: Store, team: Team, filled: Pipeline, name: str, code: str, title: str, role: str
) -> None:
    page = healthy(open_page(store, name, getattr(team, role), why=code))
    assert title in [subheader.value for subheader in page.subheader]
    causes = next(table.value for table in page.dataframe if "Cause" in table.value.columns and "Amount" in table.value)
    assert causes["Cause"].to_list()[-1] == "Difference"


def test_a_velocity_is_explained_by_its_terms_and_these_by_deals(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "conversion", team.marta, why="velocity:per_day"))
    terms = next(table.value for table in page.dataframe if "Term" in table.value.columns)
    assert terms["Term"].to_list() == [
        "N · open deals", "WR · win rate", "A · mean won value", "C · days to win", "Difference"
    ]  # fmt: skip
    assert terms["After"].to_list() == ["5", "50.0%", "R$8,000.00", "1 d", ""]
    # A week ago nothing was closed.
    assert terms["Effect"].to_list() == ["–"] * 5


def test_a_figure_of_one_owner_is_explained_by_that_owners_deals(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "conversion", team.vera, why=f"velocity:count:open@{team.ids.bob}"))
    assert page.subheader[-1].value.endswith(": Open")
    causes = next(table.value for table in page.dataframe if "Cause" in table.value.columns)
    assert causes["Amount"].to_list() == ["+2", "+2"]
    page = healthy(open_page(store, "conversion", team.vera, cell=f"part:velocity:open@{team.ids.bob}"))
    next(button for button in page.button if button.label == "Why did this number change?").click().run()
    assert page.query_params["why"] == f"velocity:count:open@{team.ids.bob}"


def test_the_target_is_explained_where_it_is_of_the_whole_period(store: Store, team: Team, filled: Pipeline) -> None:
    page = healthy(open_page(store, "forecast", team.ana, why="target:gap"))
    assert any("no target" in info.value for info in page.info)
    with store.writing(team.marta) as tx:
        targets.set_target(tx, Subject(), Span(first=tx.today.replace(day=1), grain=Grain.MONTH), 10_000)
    page = healthy(open_page(store, "forecast", team.ana, why="target:gap", period="this-month"))
    effects = next(table.value for table in page.dataframe if "Effect" in table.value.columns)
    # Won 8,000, and 4,000 of today at 25 %.
    assert effects["Effect"].to_list()[-1] == "-R$9,000.00"
    healthy(open_page(store, "forecast", team.ana, period="this-month").button(key="why-Coverage").click().run())


def test_a_press_beside_a_figure_opens_why_it_changed(store: Store, team: Team, filled: Pipeline) -> None:
    page = open_page(store, "forecast", team.marta)
    healthy(page.button(key="why-Weighted").click().run())
    assert page.query_params["why"] == "forecast:weighted:open"
    page.segmented_control(key="back").set_value("day").run()
    assert page.query_params["back"] == "day"
    page.segmented_control(key="why-measure").set_value("count").run()
    assert page.query_params["why"] == "forecast:count:open"


def test_what_is_no_figure_is_not_explained(store: Store, team: Team, filled: Pipeline) -> None:
    page = open_page(store, "forecast", team.marta, why="nonsense")
    assert "is not a figure of a report" in page.error[0].value
