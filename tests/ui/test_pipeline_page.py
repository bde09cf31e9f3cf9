"""The pipeline page without a browser: what each role finds there. Dragging is in tests/browser/test_board.py."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import contacts, deals, pipelines
from crm.deals import Deal
from crm.foundation import clock, language
from crm.foundation.access import Actor
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records import checklists, notes
from crm.records.bulk import Action
from crm.records.filters import All, Rule, dump
from crm.store import Store
from crm.ui.lists.picking import Picked
from crm.ui.views.board_payload import drawn_as_of, payload
from tests.pages import open_page, tell, undo_text
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk"])


def buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def labelled(widgets: Any, label: str) -> Any:
    return next(widget for widget in widgets if widget.label == label)


def test_with_no_pipeline_a_manager_chooses_a_template(store: Store, team: Team) -> None:
    page = open_page(store, "pipeline", team.marta)
    next(button for button in page.button if button.key == "template-clinic").click().run()
    assert not page.exception
    with store.reading(team.marta) as tx:
        made = pipelines.all_of(tx)
    assert [pipeline.name for pipeline in made] == ["Patients"]
    assert page.query_params["pipeline"] == str(made[0].id)


@pytest.mark.parametrize("who", ["ana", "vera"])
def test_with_no_pipeline_others_are_told_who_can_make_one(store: Store, team: Team, who: str) -> None:
    page = open_page(store, "pipeline", getattr(team, who))
    assert "A manager or an administrator can make one" in page.info[0].value
    assert "Use this" not in buttons(page)


def test_figures_stand_above_the_board(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id, value=3000)
    page = open_page(store, "pipeline", team.vera)
    assert not page.exception
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["Open pipeline"] == "R$3K"
    assert shown["Win rate"] == "–"


def test_the_figures_fold_for_one_kind_of_screen_and_are_not_read_where_none_shows_them(
    store: Store, team: Team, sales: Pipeline
) -> None:
    page = open_page(store, "pipeline", team.ana)
    page.button(key="fold-figures-wide").click().run()
    assert not page.exception
    assert not page.metric
    assert page.button(key="fold-figures-wide").label == "Show figures"
    page.button(key="fold-figures-narrow").click().run()
    assert page.metric
    assert open_page(store, "pipeline", team.vera).metric


@pytest.mark.parametrize(
    ("who", "may"), [("ada", True), ("marta", True), ("ana", True), ("rui", False), ("vera", False)]
)
def test_who_changes_deals_finds_the_button_for_a_new_one(
    store: Store, team: Team, sales: Pipeline, who: str, may: bool
) -> None:
    page = open_page(store, "pipeline", getattr(team, who))
    assert not page.exception
    assert ("New deal" in buttons(page)) is may


def test_a_new_deal_is_made_in_the_dialog(store: Store, team: Team, sales: Pipeline) -> None:
    page = press(open_page(store, "pipeline", team.ana), "New deal")
    labelled(page.text_input, "Title").set_value("Chairs").run()
    labelled(page.number_input, "Value").set_value(1200.5).run()
    press(page, "Create deal")
    assert not page.exception
    with store.reading(team.ana) as tx:
        (card,) = deals.board(tx, sales.id).columns[0].cards
    assert (card.title, float(card.value or 0), card.owner_name) == ("Chairs", 1200.5, "Ana")


def test_a_new_deal_without_a_title_is_refused_and_the_draft_stays(store: Store, team: Team, sales: Pipeline) -> None:
    page = press(open_page(store, "pipeline", team.ana), "New deal")
    labelled(page.number_input, "Value").set_value(1200.5).run()
    press(page, "Create deal")
    assert "A deal needs a title" in page.error[0].value
    assert labelled(page.number_input, "Value").value == 1200.5


def test_search_and_owner_stand_in_the_address(store: Store, team: Team, sales: Pipeline) -> None:
    page = open_page(store, "pipeline", team.ana, q="nothing like it", owner=str(team.ids.bob))
    assert labelled(page.text_input, "Search").value == "nothing like it"
    assert labelled(page.selectbox, "Owner").value == str(team.ids.bob)
    assert any("No deal matches" in info.value for info in page.info)


def test_the_drawer_edits_a_deal(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id)
    page = open_page(store, "pipeline", team.ana, deal=str(chairs.id))
    labelled(page.text_input, "Title").set_value("100 chairs").run()
    press(page, "Save")
    assert not page.exception
    with store.reading(team.ana) as tx:
        assert deals.get(tx, chairs.id).title == "100 chairs"


def test_the_drawer_reaches_the_contact_takes_a_note_ticks_a_step_and_moves_the_deal(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia", email="lia@example.com", phone="+55 11 98888 7777")
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id, contact_id=lia.id)
        steps = checklists.add(tx, chairs.id, "Next steps")
        checklists.add_item(tx, steps.id, "Call Lia")
    page = open_page(store, "pipeline", team.ana, deal=str(chairs.id))
    shown = "\n".join(each.value for each in page.markdown)
    assert "mailto:" in shown
    assert "tel:" in shown
    labelled(page.text_area, "New note").set_value("Wants blue ones").run()
    press(page, "Add note")
    next(box for box in page.checkbox if box.label == "Call Lia").check().run()
    labelled(page.selectbox, "Stage").set_value(sales.stages[1].id).run()
    assert not page.exception
    assert not page.error
    with store.reading(team.ana) as tx:
        assert [note.text for note in notes.of(tx, "deal", chairs.id)] == ["Wants blue ones"]
        assert checklists.of(tx, chairs.id)[0].items[0].is_done
        assert deals.get(tx, chairs.id).stage_id == sales.stages[1].id
    assert undo_text(page) == "“Chairs” moved to Talk."


def test_the_drawer_of_a_viewer_has_nothing_to_press(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id)
    page = open_page(store, "pipeline", team.vera, deal=str(chairs.id))
    assert [heading.value for heading in page.subheader] == ["Chairs"]
    assert not {"Save", "Won", "Lost"} & set(buttons(page))


def test_the_drawer_shows_no_deal_of_another_rep_under_privacy(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=3000)
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
    page = open_page(store, "pipeline", team.bob, deal=str(chairs.id))
    assert any("There is no such deal" in error.value for error in page.error)
    assert labelled(page.metric, "Open pipeline").value == "R$0"
    assert "Chairs" not in str(page)


def test_lost_asks_why_before_anything_is_written(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id)
    page = press(open_page(store, "pipeline", team.ana, deal=str(chairs.id)), "Lost")
    press(page, "Mark as lost")
    assert any("Say why" in error.value for error in page.error)
    with store.reading(team.ana) as tx:
        assert deals.get(tx, chairs.id).is_open
    labelled(page.text_area, "Note").set_value("Too dear").run()
    press(page, "Mark as lost")
    with store.reading(team.ana) as tx:
        lost = deals.get(tx, chairs.id)
    assert (lost.status, lost.close_note) == ("lost", "Too dear")


def sent(deal: Deal, seq: int, stage: int, version: int) -> dict[str, object]:
    """A move as a board sends it."""
    return {
        "client": "one",
        "seq": seq,
        "id": deal.id,
        "column": stage,
        "before": None,
        "after": None,
        "version": version,
    }


def moves_script(store: Store, actor: Actor) -> AppTest:
    """A script that writes the moves in `session_state["sent"]` as somebody's board does."""
    script = AppTest.from_string(
        "import streamlit as st\nfrom crm.ui.board.moves import apply\nfrom crm.ui.views.board_view import to_stage\n"
        "apply(st.session_state['sent'], to_stage)\n"
    )
    script.user = open_page(store, "pipeline", actor).user
    return script


@pytest.mark.parametrize("seen", [(1, 1, 1), (1, 1, 2), (1, 2, 2), (1, 2, 3)])
def test_moves_that_a_board_sends_again_are_written_once(
    store: Store, team: Team, sales: Pipeline, seen: tuple[int, ...]
) -> None:
    """Whichever of the answers to the moves before had arrived when each was made."""
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id)
    lead, talk = (stage.id for stage in sales.open_stages)
    moves = [
        sent(chairs, seq, stage, version)
        for seq, (stage, version) in enumerate(zip((talk, lead, talk), seen, strict=True), 1)
    ]
    script = moves_script(store, team.ana)
    script.session_state["sent"] = moves[:2]
    script.run()
    script.session_state["sent"] = moves
    script.run()
    assert not script.exception
    assert not script.toast
    with store.reading(team.ana) as tx:
        assert [move.to_stage for move in deals.movements(tx, chairs.id)] == ["Lead", "Talk", "Lead", "Talk"]


def test_a_move_that_was_made_before_anothers_was_seen_is_refused_after_ones_own_moves_too(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id)
    lead, talk = (stage.id for stage in sales.open_stages)
    moves = [
        sent(chairs, seq, stage, version) for seq, (stage, version) in enumerate(((talk, 1), (lead, 1), (talk, 2)), 1)
    ]
    script = moves_script(store, team.ana)
    script.session_state["sent"] = moves[:2]
    script.run()
    with store.writing(team.marta) as tx:
        deals.edit(tx, chairs.id, title="Stools")
    script.session_state["sent"] = moves
    script.run()
    assert "Put back" in script.toast[0].value
    with store.reading(team.ana) as tx:
        assert deals.get(tx, chairs.id).stage_id == lead


def test_a_move_that_lost_a_race_is_refused_and_explained(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id)
        deals.move(tx, chairs.id, to_stage=sales.stages[1].id)
    script = moves_script(store, team.bob)
    script.session_state["sent"] = [sent(chairs, 1, sales.stages[1].id, 1)]
    script.run()
    assert "Put back: Ana moved “Chairs” to Talk" in script.toast[0].value


def test_the_board_is_narrowed_by_a_filter_that_is_built_beside_it(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id, value=3000, currency="BRL")
        deals.create(tx, title="Lamp", pipeline_id=sales.id, value=30, currency="BRL")
    with store.writing(team.marta) as tx:
        other = pipelines.create(tx, "Other", ["Lead"])
        deals.create(tx, title="Elsewhere", pipeline_id=other.id, value=9000, currency="BRL")
    asked = dump(All(of=(Rule(field="value", op="more_than", value=1000),)))
    page = open_page(store, "pipeline", team.ana, filter=asked)
    assert any("Value is more than 1000" in caption.value for caption in page.caption)
    page.button(key="board-build").click().run()
    assert not page.exception
    assert any("**1** of 2 deals" in each.value for each in page.markdown)


def test_a_board_whose_filter_is_broken_says_so_and_shows_every_deal(store: Store, team: Team, sales: Pipeline) -> None:
    page = open_page(store, "pipeline", team.ana, filter=dump(Rule(field="attribute:gone", op="is", value="x")))
    assert not page.exception
    assert any("no field “attribute" in error.value for error in page.error)


def test_a_stage_offers_what_can_be_done_to_all_it_holds_to_those_who_change_deals(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id)
        lamps = deals.create(tx, title="Lamps", pipeline_id=sales.id)
        deals.win(tx, lamps.id, on=tx.today)
        found, today = deals.board(tx, sales.id), tx.today

    def offered(*, readonly: bool) -> dict[str, list[str]]:
        drawn = json.loads(payload(found, {}, readonly=readonly, today=today, locale="en"))
        return {column["name"]: column["actions"] for column in drawn["columns"]}

    assert offered(readonly=False) == {
        "Lead": ["move", "set_owner", "win", "lose"],
        "Talk": [],
        "Won": ["move", "set_owner"],
        "Lost": [],
    }
    assert not any(offered(readonly=True).values())


def test_a_closed_stage_of_the_board_weights_nothing(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        for title in ("Chairs", "Lamps", "Sofa"):
            deals.create(tx, title=title, pipeline_id=sales.id, value=300)
        first, second, _ = (row["id"] for row in deals.find(tx, deals.ListQuery(sort="id")).items)
        deals.win(tx, first)
        deals.lose(tx, second, note="Silence")
        found, today = deals.board(tx, sales.id), tx.today
    drawn = json.loads(payload(found, {}, readonly=True, today=today, locale="en"))
    sums = {column["name"]: column["sums"] for column in drawn["columns"]}
    assert [(one["weighted"], one["exact"]) for one in sums["Lead"]] == [
        ("R$99.99 weighted", "R$300.00 in all, R$99.99 weighted")
    ]
    for name in ("Won", "Lost"):
        assert sums[name] == [{"total": "R$300", "weighted": None, "exact": "R$300.00 in all"}]


def moving_all(store: Store, actor: Any, sales: Pipeline, **query: str) -> AppTest:
    """As if all of Lead were to move, chosen in its menu: AppTest has no hand for a board."""
    page = open_page(store, "pipeline", actor, pipeline=str(sales.id), **query)
    with store.reading(actor) as tx:
        wanted = deals.PipelineQuery(pipeline_id=sales.id, search=query.get("q", ""))
        asked = wanted.list_query(tx.today, stage_id=sales.open_stages[0].id)
        many = deals.count(tx, asked)
    page.session_state["drawer-open"] = "deals-bulk"
    page.session_state["deals-bulk"] = (Action.MOVE, Picked(asked, many, all_that_match=True))
    page.run()
    assert not page.exception
    return labelled(page.selectbox, "Stage").set_value(sales.open_stages[1].id).run()


def test_all_of_a_stage_under_a_search_are_moved_from_the_board_and_put_back(
    store: Store, team: Team, sales: Pipeline
) -> None:
    talk = sales.open_stages[1]
    with store.writing(team.ana) as tx:
        for title in ("Chairs", "Armchairs", "Lamps"):
            deals.create(tx, title=title, pipeline_id=sales.id)
        old = deals.create(tx, title="Old chairs", pipeline_id=sales.id, stage_id=talk.id)
    page = press(moving_all(store, team.ana, sales, q="chairs"), "Change 2 deals")
    assert not page.exception

    def standing() -> dict[str, list[str]]:
        with store.reading(team.ana) as tx:
            found = deals.board(tx, sales.id).columns
        return {column.stage.name: sorted(card.title for card in column.cards) for column in found if column.cards}

    assert standing() == {"Lead": ["Lamps"], "Talk": ["Armchairs", "Chairs", old.title]}
    press(page, "Undo")
    assert standing() == {"Lead": ["Armchairs", "Chairs", "Lamps"], "Talk": [old.title]}


def test_a_stage_that_holds_others_by_now_is_not_moved_before_it_is_looked_at_again(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id)
    page = moving_all(store, team.ana, sales)
    with store.writing(team.bob) as tx:
        deals.create(tx, title="Lamps", pipeline_id=sales.id)
    press(page, "Change 1 deal")
    assert any("holds 2 deals now, not 1" in error.value for error in page.error)
    with store.reading(team.ana) as tx:
        assert deals.board(tx, sales.id).columns[0].count == 2
    press(page, "Change 2 deals")
    with store.reading(team.ana) as tx:
        assert deals.board(tx, sales.id).columns[0].count == 0


def test_a_card_that_did_not_change_is_drawn_in_each_readers_language(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id)
        found, today = deals.board(tx, sales.id), tx.today

    def owner(spoken: str) -> str:
        with language.speaking(spoken):
            drawn = json.loads(payload(found, {}, readonly=True, today=today, locale=spoken))
        return str(drawn["columns"][0]["cards"][0]["owner"])

    nobody = found.columns[0].cards[0]._replace(owner_id=None, owner_name=None)
    column = found.columns[0].model_copy(update={"cards": (nobody,)})
    found = found.model_copy(update={"columns": (column, *found.columns[1:])})
    assert [owner("en"), owner("pt_BR"), owner("en")] == ["Nobody", "Ninguém", "Nobody"]


@pytest.fixture
def yesterday(store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch) -> str:
    """Since that day, Ana's deal of 100 was won at 300."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=100)
        day = tx.today
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=1))
    with store.writing(team.ana) as tx:
        deals.edit(tx, deal.id, value=300)
        deals.win(tx, deal.id)
    return str(day)


@pytest.mark.parametrize("who", ["ada", "marta", "ana", "rui", "vera"])
def test_the_board_of_a_past_day_is_only_read(
    store: Store, team: Team, sales: Pipeline, yesterday: str, who: str
) -> None:
    page = open_page(store, "pipeline", getattr(team, who), as_of=yesterday)
    assert not page.exception
    assert "As of the end of" in page.warning[0].value
    assert not {"New deal", "Undo"} & set(buttons(page))
    with store.reading(getattr(team, who)) as tx:
        drawn = json.loads(drawn_as_of(tx, sales.id, date.fromisoformat(yesterday), locale="en").payload)
    assert drawn["readonly"]
    lead = drawn["columns"][0]
    assert [(card["title"], card["value"]) for card in lead["cards"]] == [("Chairs", "R$100.00")]
    press(page, "Back to today")
    assert not page.exception
    assert "as_of" not in page.query_params
    assert not page.warning


def test_a_card_of_a_past_day_opens_its_deal_as_of_that_day(
    store: Store, team: Team, sales: Pipeline, yesterday: str
) -> None:
    page = open_page(store, "pipeline", team.ana, as_of=yesterday)
    page = tell(page, f"board-{sales.id}-{yesterday}", "opened", 1)
    assert (page.query_params["deal"], page.query_params["as_of"]) == ("1", yesterday)


def test_the_table_of_a_past_day_has_the_values_of_then(
    store: Store, team: Team, sales: Pipeline, yesterday: str
) -> None:
    page = open_page(store, "pipeline", team.ana, as_of=yesterday, show="table")
    assert not page.exception
    (row,) = page.dataframe[0].value.to_dict("records")
    assert (row["Title"], row["Value"], row["Stage"]) == ("Chairs", 100, "Lead")
    assert "Edit rows" not in [toggle.label for toggle in page.toggle]


def test_a_day_to_come_is_refused_and_the_present_shown(store: Store, team: Team, sales: Pipeline) -> None:
    page = open_page(store, "pipeline", team.ana, as_of="2199-01-01")
    assert "Nobody knows yet" in page.error[0].value
    assert "New deal" in buttons(page)
