"""Health where people meet it: on the deal's page, in the drawer, on the board and in the pipeline's settings."""

import json
from datetime import timedelta

from streamlit.testing.v1 import AppTest

from crm import deals
from crm.deals import Deal
from crm.deals.health import NAMES, Penalty, at_a_glance
from crm.pipelines import Pipeline
from crm.records import notes
from crm.reports import evaluations
from crm.store import Store
from crm.ui.views.board_payload import payload
from tests.pages import open_page, unfold
from tests.people import Team


def chairs(store: Store, team: Team, sales: Pipeline) -> Deal:
    with store.writing(team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1200)
    with store.writing(team.ana) as tx:
        notes.add(tx, "deal", made.id, "They called")
    return made


def reasons(page: AppTest) -> dict[str, str]:
    """Each penalty with its points and figures, as the page says them."""
    for table in page.table:
        rows = table.value.iloc[:, 0].to_dict()
        if NAMES[Penalty.IDLE] in rows:
            return rows
    return {}


def test_the_page_names_the_last_touch_and_every_penalty(store: Store, team: Team, sales: Pipeline) -> None:
    deal = chairs(store, team, sales)
    page = unfold(open_page(store, "deal", team.vera, deal=str(deal.id)), f"deal-{deal.id}-why")
    said = " ".join(block.value.replace("\\", "") for block in [*page.markdown, *page.caption])
    assert "Last touch: note by Ana, today" in said
    assert "How well the score predicts" not in said, "a statistic is for those who set the weights"
    points = [value.split("] ")[0].split("** ")[0].strip("*:gray[") for value in reasons(page).values()]
    assert points == ["0 of 25", "0 of 20", "0 of 20", "0 of 15", "−10", "−5", "0 of 5"]


def test_the_page_shows_what_the_score_is_worth_as_the_worker_has_computed_it(
    store: Store, team: Team, sales: Pipeline
) -> None:
    deal = chairs(store, team, sales)
    shown = unfold(open_page(store, "deal", team.marta, deal=str(deal.id)), f"deal-{deal.id}-why")
    assert "How well the score predicts here: not computed yet" in " ".join(block.value for block in shown.caption)
    evaluations.run(store, 1)
    page = unfold(open_page(store, "deal", team.marta, deal=str(deal.id)), f"deal-{deal.id}-why")
    said = " ".join(block.value.replace("\\", "") for block in page.caption)
    assert "How well the score predicts here: – Too few" in said
    assert "Computed on" in said
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.health_evaluations SET auc = 0.75, low = 0.7, high = 0.8")
    assert "**AUC 0.75** (0.70 to 0.80)" in " ".join(block.value for block in page.run().caption)


def test_a_closed_deal_shows_no_health(store: Store, team: Team, sales: Pipeline) -> None:
    deal = chairs(store, team, sales)
    with store.writing(team.ana) as tx:
        deals.win(tx, deal.id)
    page = open_page(store, "deal", team.ana, deal=str(deal.id))
    assert not page.exception
    assert not reasons(page)


def test_a_card_has_its_health_as_a_word_and_an_icon(store: Store, team: Team, sales: Pipeline) -> None:
    deal = chairs(store, team, sales)
    with store.reading(team.ana) as tx:
        board = deals.board(tx, sales.id)
        drawn = json.loads(payload(board, at_a_glance(tx, [deal.id]), readonly=False, today=tx.today, locale="en"))
    card = drawn["columns"][0]["cards"][0]
    said = "Healthy, 85 of 100: no next step, no contact or no owner"
    assert card["health"] == {"status": "healthy", "icon": "favorite", "name": said}
    assert said in card["spoken"]


def test_the_table_says_how_each_deal_is_and_sorts_by_it(store: Store, team: Team, sales: Pipeline) -> None:
    chairs(store, team, sales)
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Sofa", pipeline_id=sales.id, expected_close=tx.today - timedelta(days=3))
        deals.win(tx, deals.create(tx, title="Desk", pipeline_id=sales.id).id)
    page = open_page(store, "pipeline", team.ana, show="table", pipeline=str(sales.id), sort="health")
    assert not page.exception
    table = next(frame.value for frame in page.dataframe if "Health" in frame.value.columns)
    assert list(zip(table["Title"], table["Health"].fillna(""), strict=True)) == [
        ("Sofa", "◆ Overdue · 65"),
        ("Chairs", "○ Healthy · 85"),
        ("Desk", ""),
    ]
