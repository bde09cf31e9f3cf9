"""The page of what-if: a scenario of the address beside the forecast, saved from the page, and compared."""

from decimal import Decimal

from streamlit.testing.v1 import AppTest

from crm import deals
from crm.pipelines import Pipeline
from crm.reports import scenarios
from crm.reports.assumptions import AssumedDeal, Assumptions
from crm.store import Store
from tests.pages import open_page
from tests.people import Team


def cards(page: AppTest) -> list[str]:
    assert not page.exception
    return [metric.value for metric in page.metric]


def headers(page: AppTest) -> list[str]:
    return next(list(table.value.columns) for table in page.dataframe if "Forecast" in table.value.columns)


def test_assumptions_are_laid_over_the_forecast_saved_and_compared(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=8000, expected_close=tx.today)
        boom = scenarios.create(tx, name="Boom", assumptions=Assumptions(win_rate=Decimal(2)))
    page = open_page(store, "what_if", team.ana, period="this-quarter")
    assert not page.error
    assert cards(page) == ["R$2K", "R$2K", "R$0"]
    page.number_input(key="what-if-new-win-rate").set_value(50.0).run()
    assert cards(page) == ["R$2K", "R$1K", "-R$1K"]
    assert headers(page)[1:] == ["Forecast", "What if", "Difference"]
    page.text_input[0].input("Slump")
    next(button for button in page.button if button.label == "Save as a new one").click().run()
    with store.reading(team.ana) as tx:
        made = scenarios.all_of(tx)[-1]
        assert deals.get(tx, deal.id) == deal
    assert (made.name, made.assumptions) == ("Slump", Assumptions(win_rate=Decimal("0.5")))
    assert page.query_params["scenario"] == str(made.id)
    assert cards(page) == ["R$2K", "R$1K", "-R$1K"]
    both = open_page(store, "what_if", team.ana, period="this-quarter", scenario=str(made.id), compare=str(boom.id))
    assert headers(both)[1:] == ["Forecast", "Slump", "Boom"]
    both.button(key="what-if-delete").click().run()
    assert not both.exception
    with store.reading(team.ana) as tx:
        assert [each.name for each in scenarios.all_of(tx)] == ["Boom"]


def test_what_is_gone_is_said_and_another_ones_scenario_is_opened_not_changed(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=8000, expected_close=tx.today)
        changes = (AssumedDeal(deal_id=deal.id, probability=Decimal(75)),)
        made = scenarios.create(tx, name="Plan", assumptions=Assumptions(deals=changes), shared=True)
    page = open_page(store, "what_if", team.vera, period="this-quarter", scenario=str(made.id))
    assert cards(page) == ["R$2K", "R$6K", "R$4K"]
    assert not [button for button in page.button if button.label in ("Delete", "Save")]
    with store.writing(team.ana) as tx:
        deals.lose(tx, deal.id, note="Silence")
    page = open_page(store, "what_if", team.vera, period="this-quarter", scenario=str(made.id))
    assert cards(page) == ["R$0", "R$0", "R$0"]
    assert any("“Chairs” is closed" in warning.value for warning in page.warning)
    gone = open_page(store, "what_if", team.vera, scenario="99")
    assert not gone.exception
    assert "is gone" in gone.warning[0].value
