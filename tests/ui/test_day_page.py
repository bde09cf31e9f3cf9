"""My day: what is due is shown, ticked off, and brought back."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from crm import deals, pipelines
from crm.deals import Deal
from crm.platform import notices
from crm.platform.people import teams
from crm.records import checklists
from crm.store import Store
from tests.pages import open_page, undo_text
from tests.people import Team


@pytest.fixture
def chairs(store: Store, team: Team) -> Deal:
    """Ana's, expected today, with a step that was due yesterday."""
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk"])
        made = deals.create(
            tx, title="Chairs", pipeline_id=sales.id, owner_id=team.ids.ana, value=1200, expected_close=tx.today
        )
        steps = checklists.add(tx, made.id, "Next steps")
        checklists.add_item(tx, steps.id, "Call Lia", due_on=tx.today - timedelta(days=1))
    return made


def text(page: AppTest) -> str:
    return "\n".join(each.value for each in [*page.markdown, *page.caption])


def test_what_is_due_is_ticked_off_and_brought_back(store: Store, team: Team, chairs: Deal) -> None:
    page = open_page(store, "day", team.ana)
    assert page.title[0].value.endswith(", Ana")
    assert [box.label for box in page.checkbox] == ["Call Lia"]
    assert "**Overdue**" in text(page)
    page.checkbox[0].check().run()
    assert not page.checkbox
    assert undo_text(page) == "Done: Call Lia"
    with store.reading(team.ana) as tx:
        assert checklists.of(tx, chairs.id)[0].items[0].is_done
    page.button(key="undo-press").click().run()
    assert [box.label for box in page.checkbox] == ["Call Lia"]
    with store.reading(team.ana) as tx:
        assert not checklists.of(tx, chairs.id)[0].items[0].is_done


def test_a_managers_day_is_the_teams_and_ones_own_is_one_press_away(store: Store, team: Team, chairs: Deal) -> None:
    page = open_page(store, "day", team.marta)
    assert [box.label for box in page.checkbox] == ["Call Lia"]
    assert "Ana" in text(page)
    page = open_page(store, "day", team.marta, whose="mine")
    assert not page.checkbox
    assert "Nothing is due" in [each.value for each in page.subheader]


def test_the_quarters_card_says_whose_deals_it_counts(store: Store, team: Team, chairs: Deal) -> None:
    assert "**My quarter**" in text(open_page(store, "day", team.ana))
    assert "**Everybody’s quarter**" in text(open_page(store, "day", team.marta))
    with store.writing(team.ada) as tx:
        for name in ("North", "South"):
            teams.change(tx, teams.create(tx, name).id, member_ids=[team.ids.ana])
    assert "**The team’s quarter**" in text(open_page(store, "day", team.ana, whose="team"))


def test_a_viewer_sees_and_cannot_tick(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.marta) as tx:
        items = checklists.of(tx, chairs.id)[0].items
        checklists.edit_item(tx, items[0].id, assignee_id=team.ids.vera)
    page = open_page(store, "day", team.vera)
    assert [(box.label, box.disabled) for box in page.checkbox] == [("Call Lia", True)]


def test_the_quarter_counts_what_was_won_at_the_value_of_the_closing(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
        lamps = deals.create(tx, title="Lamps", pipeline_id=chairs.pipeline_id, value=50, currency="EUR")
        deals.win(tx, lamps.id)
        deals.edit(tx, chairs.id, value=9000)
    page = open_page(store, "day", team.ana)
    assert page.metric[0].value == "R$1,200.00"
    assert "2 deals won · €50.00" in text(page).replace("\\", "")
    assert open_page(store, "day", team.bob).metric[0].value == "R$0.00"


def test_news_is_read_in_one_press(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.marta) as tx:
        notices.leave(tx, team.ids.ana, "“Chairs” was won.", f"/deal?deal={chairs.id}")
    page = open_page(store, "day", team.ana)
    assert page.button(key="day-read")
    page.button(key="day-read").click().run()
    assert "Nothing new." in text(page)


def test_an_empty_store_says_what_will_be_here(store: Store, team: Team) -> None:
    page = open_page(store, "day", team.bob)
    assert not page.exception
    assert "Nothing is due" in [each.value for each in page.subheader]
    assert "No open deal is expected by Sunday." in text(page)
