"""The forecast page against its targets, and the dialog in which they are set."""

from datetime import date

from streamlit.testing.v1 import AppTest

from crm import deals
from crm.pipelines import Pipeline
from crm.reports import targets
from crm.reports.periods import Grain
from crm.reports.targets import Span, Subject
from crm.store import Store
from tests.pages import open_page
from tests.people import Team


def cards(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def healthy(page: AppTest) -> AppTest:
    assert not page.exception
    assert not page.error
    return page


def open_dialog(page: AppTest, tab: str = "") -> None:
    """AppTest reruns the whole page, which closes a dialog: whatever is done in it opens it again."""
    page.session_state["targets-tabs"] = tab
    next(button for button in page.button if button.label == "Targets").click()
    healthy(page.run())


def this_month(store: Store, team: Team) -> date:
    with store.reading(team.marta) as tx:
        return tx.today.replace(day=1)


def test_the_forecast_stands_beside_its_target_only_where_there_is_one(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        deals.win(tx, deals.create(tx, title="Won", pipeline_id=sales.id, value=8000).id)
    page = healthy(open_page(store, "forecast", team.ana, period="this-month"))
    assert "Target" not in cards(page)
    month = Span(first=this_month(store, team), grain=Grain.MONTH)
    with store.writing(team.marta) as tx:
        targets.set_target(tx, Subject(), month, 10_000)
    page = healthy(page.run())
    shown = cards(page)
    assert (shown["Target"], shown["Coverage"], shown["Gap"]) == ("R$10K", "80.0%", "R$2K")
    row = next(table.value for table in page.dataframe if "Expected" in table.value.columns).to_dict("records")[0]
    assert (row["Target"], row["Coverage"], row["Gap"]) == ("R$10,000.00", "80.0%", "R$2,000.00")
    half = healthy(open_page(store, "forecast", team.ana))
    assert (cards(half)["Target"], cards(half)["Coverage"]) == ("R$10K", "–")
    assert any("5 of 6 months have no target" in caption.value for caption in half.caption)


def test_a_manager_sets_a_target_in_the_dialog_and_a_rep_only_reads(store: Store, team: Team, sales: Pipeline) -> None:
    page = healthy(open_page(store, "forecast", team.marta))
    open_dialog(page, "Set a target")
    next(text for text in page.text_input if text.label.startswith("Amount")).input("1234,5")
    next(button for button in page.button if button.label == "Save").click()
    open_dialog(page, "Set a target")
    with store.reading(team.marta) as tx:
        (made,) = targets.all_of(tx)
    assert (made.amount, made.span.first) == (1234.5, this_month(store, team))
    rep = healthy(open_page(store, "forecast", team.ana))
    open_dialog(rep)
    assert any("Of" in table.value.columns for table in rep.dataframe)
    assert not [text for text in rep.text_input if text.label.startswith("Amount")]
    assert not [button for button in rep.button if button.label == "Delete"]
