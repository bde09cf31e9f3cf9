"""The page of dashboards, for each role."""

import pytest
from streamlit.testing.v1 import AppTest

from crm.dashboards import saved, schedules
from crm.dashboards.model import Tile
from crm.dashboards.recurrence import Every
from crm.dashboards.tiles import Width
from crm.foundation.access import Module
from crm.pipelines import Pipeline
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, undo_text, unfold
from tests.people import Team


def healthy(page: AppTest) -> AppTest:
    assert not page.exception
    assert not page.error
    return page


def files(page: AppTest) -> list[str]:
    return [link.url for link in page.get("link_button")]  # type: ignore[union-attr]


def heads(page: AppTest) -> list[str]:
    return [each.value.removeprefix("## ") for each in page.markdown if each.value.startswith("## ")]


@pytest.mark.parametrize("role", ["ada", "marta", "ana", "rui", "vera"])
def test_every_role_has_the_overview(store: Store, team: Team, sales: Pipeline, role: str) -> None:
    page = healthy(open_page(store, "dashboards", getattr(team, role)))
    assert page.title[0].value == "Sales overview"
    assert heads(page)[:3] == [r"R\$23K", r"R\$8\.3K", r"66\.7%"]
    assert bool(files(page)) == (role != "vera")


def test_under_owner_privacy_the_figures_are_ones_own(store: Store, team: Team, sales: Pipeline) -> None:
    owner_privacy(store, team)
    assert heads(healthy(open_page(store, "dashboards", team.bob)))[:2] == [r"R\$16K", r"R\$300"]
    assert heads(healthy(open_page(store, "dashboards", team.marta)))[:2] == [r"R\$23K", r"R\$8\.3K"]


def test_filters_hold_for_all_tiles_and_for_their_links(store: Store, team: Team, sales: Pipeline) -> None:
    page = healthy(open_page(store, "dashboards", team.marta, owner=str(team.ids.bob), period="this-month"))
    assert heads(page)[:3] == [r"R\$16K", r"R\$300", r"100\.0%"]
    assert f"/reports/forecast.csv?owner={team.ids.bob}&period=this-month" in files(page)
    assert f"/reports/changes.csv?owner={team.ids.bob}" in files(page)
    page.selectbox(key="dashboard-period").set_value("last-year").run()
    assert page.query_params["period"] == "last-year"
    assert heads(healthy(page))[1] == r"R\$0"


def test_a_figure_opens_its_deals(store: Store, team: Team, sales: Pipeline) -> None:
    page = healthy(open_page(store, "dashboards", team.marta))
    next(button for button in page.button if button.label.startswith("2 won of 3")).click().run()
    assert page.query_params["cell"] == "closings/won"
    titles = next(table.value["Deal"] for table in healthy(page).dataframe if "Deal" in table.value.columns)
    assert list(titles) == ["Won", "Bob's win"]
    page = healthy(open_page(store, "dashboards", team.marta, cell="changes/new"))
    assert page.subheader[-1].value == "New"


def test_a_figure_says_why_it_changed(store: Store, team: Team, sales: Pipeline) -> None:
    page = healthy(open_page(store, "dashboards", team.marta, cell="closings/won"))
    next(button for button in page.button if button.label == "Why did this number change?").click().run()
    assert page.query_params["why"] == "closings:count:won"
    page.button(key="why-0-open_pipeline-0").click().run()
    assert page.query_params["why"] == "forecast:value:every_open"
    assert "Open pipeline" in [subheader.value for subheader in healthy(page).subheader]


def test_an_address_that_makes_no_sense_is_a_sentence(store: Store, team: Team, sales: Pipeline) -> None:
    for query in ({"period": "soon"}, {"owner": "x"}, {"cell": "nothing"}, {"why": "nothing"}):
        page = open_page(store, "dashboards", team.marta, **query)
        assert not page.exception
        assert len(page.error) == 1


def test_an_empty_store_has_an_overview(store: Store, team: Team) -> None:
    page = healthy(open_page(store, "dashboards", team.marta))
    assert heads(page)[0] == r"R\$0"


def test_the_page_says_that_the_module_is_off(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = false WHERE module = $crm", crm=Module.CRM.value)
    page = open_page(store, "dashboards", team.marta)
    assert not page.exception
    assert "switched off" in page.error[0].value


def test_a_dashboard_of_ones_own_is_made_filled_and_deleted(store: Store, team: Team, sales: Pipeline) -> None:
    page = healthy(open_page(store, "dashboards", team.ana, owner=str(team.ids.bob)))
    unfold(page, "dashboard-menu")
    page.button(key="dashboard-new").click().run()
    page.text_input[0].set_value("My week")
    next(button for button in page.button if button.label == "Save").click()
    healthy(page.run())
    with store.reading(team.ana) as tx:
        [made] = saved.all_of(tx)
    assert (made.name, made.filters) == ("My week", {"owner": str(team.ids.bob)})
    page = healthy(open_page(store, "dashboards", team.ana, dashboard=str(made.id)))
    assert page.title[0].value == "My week"
    assert page.query_params["owner"] == str(team.ids.bob)
    unfold(page, "dashboard-menu")
    page.button(key="dashboard-edit").click().run()
    page.selectbox(key="dashboard-add-1").set_value("win_rate").run()
    page.selectbox(key="dashboard-add-2").set_value("cycle").run()
    page.selectbox(key="dashboard-tile-3-0-width").set_value(Width.FULL).run()
    page.button(key="dashboard-tile-4-1-remove").click().run()
    page.button(key="dashboard-done").click().run()
    with store.reading(team.ana) as tx:
        [found] = saved.all_of(tx)
    assert [(tile.kind, tile.width) for tile in found.tiles] == [("win_rate", Width.FULL)]
    assert heads(healthy(page)) == [r"100\.0%"]
    unfold(page, "dashboard-menu")
    page.button(key="dashboard-delete").click().run()
    assert undo_text(page) == "Deleted “My week”."
    with store.reading(team.ana) as tx:
        assert saved.all_of(tx) == []


def test_what_is_open_is_printed_under_the_filters_of_the_page(store: Store, team: Team, sales: Pipeline) -> None:
    page = healthy(open_page(store, "dashboards", team.vera, owner=str(team.ids.bob)))
    assert files(unfold(page, "dashboard-menu")) == [f"/dashboards/overview.pdf?owner={team.ids.bob}"]
    with store.writing(team.marta) as tx:
        made = saved.create(tx, name="Marta’s", tiles=(Tile(kind="cycle", width=Width.HALF),), shared=True)
    page = healthy(open_page(store, "dashboards", team.vera, dashboard=str(made.id)))
    assert files(unfold(page, "dashboard-menu")) == [f"/dashboards/{made.id}.pdf"]


def test_another_persons_dashboard_is_read_and_a_private_one_is_not_found(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.marta) as tx:
        made = saved.create(tx, name="Marta’s", tiles=(Tile(kind="open_pipeline", width=Width.HALF),), shared=True)
    owner_privacy(store, team)
    page = healthy(open_page(store, "dashboards", team.bob, dashboard=str(made.id)))
    assert heads(page) == [r"R\$16K"]
    unfold(page, "dashboard-menu")
    assert "dashboard-edit" not in {button.key for button in page.button}
    with store.writing(team.marta) as tx:
        saved.edit(tx, made.id, shared=False)
    page = open_page(store, "dashboards", team.bob, dashboard=str(made.id))
    assert not page.exception
    assert len(page.error) == 1


def test_a_dashboard_is_set_to_be_mailed(
    store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SMTP_URL", "smtp://127.0.0.1:1")
    with store.writing(team.marta) as tx:
        made = saved.create(tx, name="Marta’s", shared=True)
    page = healthy(open_page(store, "dashboards", team.marta, dashboard=str(made.id)))
    unfold(page, "dashboard-menu")
    page.button(key="dashboard-mail").click().run()
    page.selectbox(key="schedule-new-every").set_value(Every.MONTH).run()
    page.selectbox(key="schedule-new-month_day").set_value(31)
    page.selectbox(key="schedule-new-hour").set_value(7)
    page.multiselect(key="schedule-new-recipient_ids").set_value([])
    page.button(key="schedule-new-save").click().run()
    assert [each.value for each in page.error] == [r"Name somebody to mail it to\."]
    page.multiselect(key="schedule-new-recipient_ids").set_value([team.ids.bob, team.ids.vera])
    page.button(key="schedule-new-save").click().run()
    with store.reading(team.marta) as tx:
        [found] = schedules.all_of(tx)
    assert (found.every, found.weekday, found.month_day, found.hour) == (Every.MONTH, None, 31, 7)
    assert found.recipient_ids == (team.ids.bob, team.ids.vera)
    assert any("To Bob and Vera" in each.value for each in healthy(page).markdown)
    page.button(key=f"schedule-{found.id}-edit").click().run()
    page.selectbox(key=f"schedule-{found.id}-every").set_value(Every.DAY).run()
    page.button(key=f"schedule-{found.id}-save").click().run()
    with store.reading(team.marta) as tx:
        [changed] = schedules.all_of(tx)
    assert (changed.every, changed.month_day, changed.recipient_ids) == (Every.DAY, None, found.recipient_ids)

    other = healthy(open_page(store, "dashboards", team.bob, dashboard=str(made.id)))
    unfold(other, "dashboard-menu")
    other.button(key="dashboard-mail").click().run()
    keys = {button.key for button in healthy(other).button}
    assert f"schedule-{found.id}-edit" not in keys
    assert f"schedule-{found.id}-delete" not in keys
    other.button(key=f"schedule-{found.id}-leave").click().run()
    with store.reading(team.marta) as tx:
        assert [each.recipient_ids for each in schedules.all_of(tx)] == [(team.ids.vera,)]


def test_without_a_mail_server_the_dialog_says_what_to_set(
    store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRM_SMTP_URL", raising=False)
    page = healthy(open_page(store, "dashboards", team.vera))
    unfold(page, "dashboard-menu")
    page.button(key="dashboard-mail").click().run()
    assert "CRM_SMTP_URL" in page.warning[0].value
    assert not {button.key for button in page.button} & {"schedule-new-save", "schedule-another"}
