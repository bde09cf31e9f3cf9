"""A deal's page as of a past day, without a browser: what was so then, and nothing to press but the way back."""

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from crm import deals, pipelines
from crm.deals import quote
from crm.foundation import clock
from crm.pipelines import Pipeline
from crm.platform import files
from crm.records import attachments, notes
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, unfold
from tests.people import Team
from tests.ui.test_pipeline_page import buttons, press


@pytest.fixture
def past(store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch) -> str:
    """The day on which Ana's deal of 100 was in Lead with Bob's name on it. Since then: renamed stage, moved, won at
    300, a note."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    with store.writing(team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=100, source="Fair", owner_id=team.ids.bob)
        notes.add(tx, "deal", made.id, "Wants forty seats")
        day = tx.today
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=3))
    with store.writing(team.marta) as tx:
        pipelines.rename_stage(tx, sales.stages[0].id, "Start")
        deals.edit(tx, made.id, value=300, owner_id=team.ids.ana)
        deals.win(tx, made.id)
        notes.add(tx, "deal", made.id, "Signed at last")
    return str(day)


def seen(store: Store, team: Team, who: str, day: str, **query: str) -> AppTest:
    page = open_page(store, "deal", getattr(team, who), deal="1", as_of=day, **query)
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    return "\n".join(
        [*(str(each.value) for each in page.markdown), *(str(each.proto.body) for each in page.get("html"))]
    )


@pytest.mark.parametrize("who", ["ada", "marta", "ana", "rui", "vera"])
def test_a_deal_is_shown_as_it_was_with_nothing_to_press(store: Store, team: Team, past: str, who: str) -> None:
    page = seen(store, team, who, past, edit="1")
    assert "As of the end of" in page.warning[0].value
    assert "Nothing can be changed here" in page.warning[0].value
    assert page.title[0].value == "Chairs"
    assert page.metric[0].value == "R$100.00"
    (path,) = (group for group in page.button_group if "-path" in str(group.key))
    assert path.disabled
    assert list(path.options) == ["Lead · < 1 d", "Talk"]
    shown = texts(page)
    for then in (
        "| Status | Open |",
        "| Owner | Bob",
        r"| Probability | 33\.33 % |",
        "Wants forty seats",
        "| Source | Fair |",
    ):
        assert then in shown
    for later in ("Signed at last", "Start", "300.00"):
        assert later not in shown
    assert set(buttons(page)) == {"Back to today"}
    assert not [*page.text_input, *page.text_area, *page.checkbox, *page.get("menu_button"), *page.get("tab")]


def test_the_way_back_leads_to_the_page_of_today(store: Store, team: Team, past: str) -> None:
    page = press(seen(store, team, "ana", past), "Back to today")
    assert not page.exception
    assert not page.warning
    assert "as_of" not in page.query_params
    assert page.metric[0].value == "R$300.00"
    assert "Reopen" in buttons(page)


def test_a_day_is_chosen_on_the_page(store: Store, team: Team, past: str) -> None:
    page = unfold(open_page(store, "deal", team.vera, deal="1"), "as-of")
    page.date_input[0].set_value(date.fromisoformat(past)).run()
    assert not page.exception
    assert page.query_params["as_of"] == past
    assert page.metric[0].value == "R$100.00"


def test_before_it_was_made_the_page_says_so(store: Store, team: Team, past: str) -> None:
    before = date.fromisoformat(past) - timedelta(days=1)
    page = seen(store, team, "ana", str(before))
    assert "was not there yet on" in page.info[0].value
    assert buttons(page) == ["Back to today"]
    assert not page.metric


def test_a_deal_of_the_bin_is_shown_as_of_a_day_when_it_was_not_there(store: Store, team: Team, past: str) -> None:
    with store.writing(team.marta) as tx:
        deals.delete(tx, 1)
    page = seen(store, team, "vera", past)
    assert "lies in the bin" in page.warning[0].value
    assert page.metric[0].value == "R$100.00"


def test_who_does_not_see_it_now_sees_nothing_of_its_past(store: Store, team: Team, past: str) -> None:
    owner_privacy(store, team)
    assert seen(store, team, "ana", past).metric
    page = seen(store, team, "bob", past)
    assert "There is no such deal" in page.error[0].value
    assert not page.metric


def test_a_day_to_come_is_refused_and_the_present_shown(store: Store, team: Team, past: str) -> None:
    page = seen(store, team, "ana", "2199-01-01")
    assert page.error
    assert page.metric[0].value == "R$300.00"
    assert "Reopen" in buttons(page)


def test_title_lines_files_and_health_are_those_of_that_day(
    store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    sha256, size = files.keep(store, [b"one"], 2**20)
    with store.writing(team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sales.id).id
        line = quote.add(tx, made, name="Chair *oak*", quantity=2, unit_price=10)
        kept, gone = (
            attachments.attach(tx, "deal", made, sha256=sha256, file_name=name, size=size, media_type="text/plain").id
            for name in ("plan.txt", "draft.txt")
        )
        day = str(tx.today)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=3))
    with store.writing(team.ana) as tx:
        deals.edit(tx, made, title="Armchairs")
        quote.edit(tx, made, line.id, quantity=3, name="Armchair")
        attachments.remove(tx, gone)
    page = seen(store, team, "vera", day)
    assert page.title[0].value == "Chairs"
    assert page.metric[0].value == "R$20.00"
    (table,) = page.dataframe
    assert [str(cell) for cell in table.value.iloc[0]] == ["", "Chair *oak*", "2.0", "R$10.00", "", "R$20.00"]
    shown = texts(page)
    assert r"**plan\.txt**" in shown
    assert r"**draft\.txt**" in shown
    captions = [caption.value for caption in page.caption]
    assert sum("removed since" in caption for caption in captions) == 1
    assert any("By what was known then" in caption for caption in captions)
    assert [link.proto.url for link in page.get("link_button")] == [f"/files/{kept}"]
    assert "No next step" in shown
