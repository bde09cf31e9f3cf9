"""The board in a browser: what is dragged stays, what is asked is asked, what others do is seen."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from crm import deals, pipelines
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.platform import workspace
from crm.platform.people import users
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


@dataclass(frozen=True)
class Seeded:
    pipelines: dict[str, int]
    """A pipeline for each test, so that none depends on another's moves."""
    past: date
    """The day on which “Benches” of the pipeline “past” was made, of 100. Since then it is of 3,000, in Talk."""


TESTS = (
    *("drag", "order", "won", "lost", "race", "live", "keyboard", "menu", "viewer", "more", "drawer", "edit", "touch"),
    *("quick", "reload", "all", "giving", "refused", "frame", "zones", "focus", "figures", "note"),
)


def seed(store: Store) -> Seeded:
    with store.reading(SYSTEM) as tx:
        people = {person.name: person.id for person in users.everyone(tx)}
    now = clock.now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: now() - timedelta(days=3))
        with store.writing(SYSTEM) as tx:
            past = pipelines.create(tx, "past", ["Lead", "Talk", "Offer"])
            bench = deals.create(tx, title="Benches", pipeline_id=past.id, value=100).id
            day = tx.today
    made = {"past": past.id}
    with store.writing(SYSTEM) as tx:
        deals.edit(tx, bench, value=3000)
        deals.move(tx, bench, to_stage=past.stages[1].id)
        deals.create(tx, title="Sofas", pipeline_id=past.id, value=500)
        for name in TESTS:
            pipeline = pipelines.create(tx, name, ["Lead", "Talk", "Offer"])
            made[name] = pipeline.id
            for title in ("Lamps", "Desks", "Chairs"):
                deals.create(tx, title=title, pipeline_id=pipeline.id, value=1000, owner_id=people["Ana"])
        for number in range(70):
            deals.create(tx, title=f"Stool {number}", pipeline_id=made["more"], owner_id=people["Ana"])
    return Seeded(made, day)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[Seeded]:
    return serve(seed)


def board(sign_in: SignIn, server: Server[Seeded], name: str, pipeline: str, **context: object) -> Page:
    page = sign_in(name, server, **context)
    page.goto(f"/pipeline?pipeline={server.seeded.pipelines[pipeline]}")
    expect(card(page, "Chairs")).to_be_visible()
    idle(page)
    return page


def card(page: Page, title: str) -> Locator:
    return page.locator(".card:not(.ghost)", has=page.locator(f".title:text-is('{title}')"))


def column(page: Page, name: str) -> Locator:
    return page.locator(".column", has=page.locator(f".name:text-is('{name}')"))


def written(page: Page) -> None:
    """Every move has its answer."""
    expect(page.locator(".board")).to_have_attribute("aria-busy", "false")


def titles(page: Page, name: str) -> Locator:
    return column(page, name).locator(".title")


def drag(page: Page, title: str, to: Locator, *, above: bool = True) -> None:
    card(page, title).hover()
    page.mouse.down()
    box = to.bounding_box()
    assert box
    x = box["x"] + box["width"] / 2
    y = box["y"] + (6 if above else box["height"] - 6)
    page.mouse.move(x, y, steps=12)
    page.mouse.up()


def test_a_card_dragged_to_another_stage_stays_there_after_a_reload(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "drag")
    drag(page, "Desks", column(page, "Talk").locator(".list"))
    expect(titles(page, "Talk")).to_have_text(["Desks"])
    expect(column(page, "Talk").locator(".count")).to_have_text("1")
    written(page)
    page.reload()
    expect(titles(page, "Talk")).to_have_text(["Desks"])
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Lamps"])


def test_a_card_dragged_within_its_stage_keeps_its_place(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "order")
    drag(page, "Chairs", card(page, "Lamps"), above=False)
    expect(titles(page, "Lead")).to_have_text(["Desks", "Lamps", "Chairs"])
    written(page)
    page.reload()
    expect(titles(page, "Lead")).to_have_text(["Desks", "Lamps", "Chairs"])


def test_several_quick_moves_of_one_card_are_all_kept(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "quick")
    for stage in ("Talk", "Offer", "Lead", "Offer"):
        drag(page, "Chairs", column(page, stage).locator(".list"))
    written(page)
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    page.reload()
    expect(titles(page, "Offer")).to_have_text(["Chairs"])


def test_a_card_let_go_before_the_next_frame_lands_where_it_was_let_go(sign_in: SignIn, server: Server[Seeded]) -> None:
    """A busy machine draws seldom, and a quick hand does not wait for it."""
    page = board(sign_in, server, "ana", "frame")
    page.evaluate("() => { window.requestAnimationFrame = () => 0 }")
    drag(page, "Desks", column(page, "Talk").locator(".list"))
    expect(titles(page, "Talk")).to_have_text(["Desks"])
    written(page)
    page.reload()
    expect(titles(page, "Talk")).to_have_text(["Desks"])


def test_a_move_after_a_reload_is_written_too(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "reload")
    for stage in ("Talk", "Offer"):
        drag(page, "Chairs", column(page, stage).locator(".list"))
        expect(column(page, stage).locator(".count")).to_have_text("1")
        written(page)
        page.reload()
        expect(titles(page, stage)).to_have_text(["Chairs"])
        idle(page)


def test_a_drop_on_won_asks_and_keeps_the_reason(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "won")
    drag(page, "Desks", column(page, "Won").locator(".list"))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Closing day")
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Desks", "Lamps"])  # nothing is written yet
    dialog.get_by_label("Reason").click()
    page.get_by_role("option", name="Relationship").click()
    dialog.get_by_label("Note").fill("They know us")
    dialog.get_by_role("button", name="Mark as won").click()
    expect(titles(page, "Won")).to_have_text(["Desks"])
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Lamps"])
    card(page, "Desks").click()
    page.get_by_role("link", name="Open the whole deal").click()
    expect(page.get_by_text("Relationship: They know us")).to_be_visible()


def test_a_drop_on_lost_needs_a_reason_and_can_be_called_off(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "lost")
    drag(page, "Desks", column(page, "Lost").locator(".list"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Mark as lost").click()
    expect(dialog).to_contain_text("Say why the deal was lost")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Desks", "Lamps"])
    expect(titles(page, "Lost")).to_have_count(0)


def test_won_and_lost_are_in_reach_of_a_drag_wherever_the_board_is_scrolled_to(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = board(sign_in, server, "ana", "zones", viewport={"width": 700, "height": 800})
    card(page, "Desks").hover()
    page.mouse.down()
    page.mouse.move(300, 400, steps=5)
    zones = page.locator(".zone")
    expect(zones).to_have_text(["Drop here: Won …", "Drop here: Lost …"])
    box = zones.last.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 700
    page.mouse.move(box["x"] + 40, box["y"] + 20, steps=5)
    expect(zones.last).to_have_class("zone over")
    page.mouse.up()
    expect(zones.first).to_be_hidden()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Note").fill("Too dear")
    dialog.get_by_role("button", name="Mark as lost").click()
    expect(titles(page, "Lost")).to_have_text(["Desks"])
    page.reload()
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Lamps"])


def test_a_dialog_starts_in_its_first_field_and_leaves_the_focus_on_its_card(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = board(sign_in, server, "ana", "focus")
    card(page, "Desks").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card(page, "Desks")).to_be_focused()


def test_a_note_is_two_clicks_from_the_board(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "note")
    card(page, "Desks").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("New note").fill("Wants oak")
    drawer.get_by_role("button", name="Add note").click()
    expect(drawer.get_by_text("Wants oak")).to_be_visible()
    expect(drawer.get_by_label("New note")).to_have_value("")
    expect(card(page, "Desks").locator(".count-of")).to_have_text("sticky_note_21")


def test_the_figures_fold_away_for_good_and_on_a_telephone_by_themselves(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = board(sign_in, server, "ana", "figures")
    top = page.locator(".board").bounding_box()
    page.get_by_role("button", name="Hide figures").click()
    expect(page.get_by_text("Win rate", exact=True)).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Show figures").first).to_be_visible()
    expect(card(page, "Chairs")).to_be_visible()
    folded = page.locator(".board").bounding_box()
    assert top
    assert folded
    assert folded["y"] < top["y"] - 100
    phone = board(sign_in, server, "marta", "figures", viewport={"width": 390, "height": 844})
    expect(phone.get_by_text("Win rate", exact=True)).to_be_hidden()
    first = card(phone, "Chairs").bounding_box()
    assert first
    assert first["y"] < 300
    expect(phone.get_by_role("button", name="New deal")).to_be_in_viewport()


def test_anothers_move_arrives_without_a_reload(sign_in: SignIn, server: Server[Seeded]) -> None:
    watching = board(sign_in, server, "bob", "live")
    moving = board(sign_in, server, "ana", "live")
    drag(moving, "Lamps", column(moving, "Offer").locator(".list"))
    expect(titles(watching, "Offer")).to_have_text(["Lamps"])


def test_of_two_who_move_one_card_the_second_is_put_back_and_told(sign_in: SignIn, server: Server[Seeded]) -> None:
    second = board(sign_in, server, "bob", "race")
    card(second, "Desks").hover()
    second.mouse.down()
    target = column(second, "Offer").locator(".list").bounding_box()
    assert target
    second.mouse.move(target["x"] + 80, target["y"] + 40, steps=8)  # in hand, not dropped yet
    first = board(sign_in, server, "ana", "race")
    drag(first, "Desks", column(first, "Talk").locator(".list"))
    expect(column(first, "Talk").locator(".count")).to_have_text("1")
    second.mouse.up()
    expect(second.get_by_test_id("stToast")).to_contain_text("Ana moved “Desks” to Talk")
    expect(titles(second, "Talk")).to_have_text(["Desks"])
    expect(titles(second, "Offer")).to_have_count(0)


def test_the_keyboard_moves_a_card_and_escape_puts_it_back(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "keyboard")
    card(page, "Desks").focus()
    for key in ("Space", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Desks", "Lamps"])
    for key in ("Space", "ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator("[aria-live]", has_text="Dropped in Offer, place 1.")).to_have_count(1)
    expect(titles(page, "Offer")).to_have_text(["Desks"])
    expect(column(page, "Offer").locator(".count")).to_have_text("1")
    expect(card(page, "Desks")).to_be_focused()
    page.reload()
    expect(titles(page, "Offer")).to_have_text(["Desks"])


def test_the_menu_of_a_card_moves_it_without_dragging(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "menu")
    card(page, "Desks").get_by_role("button", name="Actions for Desks").click()
    expect(page.get_by_role("menuitem")).to_have_text(
        ["Open", "Lead", "Talk", "Offer", "Close as Won …", "Close as Lost …"]
    )
    expect(page.locator(".menu-title")).to_have_text(["Move to"])
    page.get_by_role("menuitem", name="Offer").click()
    expect(column(page, "Offer").locator(".count")).to_have_text("1")
    page.reload()
    expect(titles(page, "Offer")).to_have_text(["Desks"])


def test_a_viewer_cannot_drag_or_grab_or_move_by_menu(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "vera", "viewer")
    drag(page, "Desks", column(page, "Talk").locator(".list"))
    expect(titles(page, "Talk")).to_have_count(0)
    card(page, "Desks").focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Desks", "Lamps"])
    card(page, "Desks").get_by_role("button", name="Actions for Desks").click()
    expect(page.get_by_role("menuitem")).to_have_text(["Open"])
    expect(page.get_by_role("button", name="New deal")).to_have_count(0)


def test_fifty_cards_stand_in_a_stage_and_more_come_when_asked(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = sign_in("ana", server)
    page.goto(f"/pipeline?pipeline={server.seeded.pipelines['more']}")
    expect(titles(page, "Lead")).to_have_count(50)
    expect(column(page, "Lead").locator(".more")).to_contain_text("50 of 73")
    column(page, "Lead").get_by_role("button", name="Show 23 more").click()
    expect(titles(page, "Lead")).to_have_count(73)


def test_the_drawer_stays_open_with_what_was_typed_while_others_move_cards(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    typing = board(sign_in, server, "ana", "drawer")
    card(typing, "Desks").click()
    typing.get_by_role("dialog").get_by_label("Title").fill("Standing desks")
    moving = board(sign_in, server, "bob", "drawer")
    drag(moving, "Lamps", column(moving, "Offer").locator(".list"))
    expect(titles(typing, "Offer")).to_have_text(["Lamps"])
    expect(typing.get_by_role("dialog").get_by_label("Title")).to_have_value("Standing desks")
    typing.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(card(typing, "Standing desks")).to_be_visible()


def test_a_finger_held_still_picks_a_card_up(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "touch", viewport={"width": 800, "height": 900}, has_touch=True)
    card(page, "Desks").tap(trial=True)  # which waits until nothing moves any more
    start, end = card(page, "Desks").bounding_box(), column(page, "Talk").locator(".list").bounding_box()
    assert start
    assert end
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", start["x"] + 60, start["y"] + 20)
    page.wait_for_timeout(500)
    for step in range(1, 11):
        x = start["x"] + 60 + (end["x"] + 60 - start["x"] - 60) * step / 10
        finger("touchMove", x, start["y"] + 20)
    page.wait_for_timeout(300)
    finger("touchEnd", 0, 0)
    expect(titles(page, "Talk")).to_have_text(["Desks"])
    expect(column(page, "Talk").locator(".count")).to_have_text("1")


@pytest.fixture(scope="module")
def private(serve: Serve) -> Server[Seeded]:
    def seed_privately(store: Store) -> Seeded:
        seeded = seed(store)
        with store.writing(SYSTEM) as tx:
            workspace.change(tx, owner_privacy=True)
        return seeded

    return serve(seed_privately)


def test_with_privacy_on_a_rep_sees_no_other_reps_deal(sign_in: SignIn, private: Server[Seeded]) -> None:
    page = sign_in("bob", private)
    page.goto(f"/pipeline?pipeline={private.seeded.pipelines['drag']}&q=desks")
    expect(column(page, "Lead").locator(".count")).to_have_text("0")
    expect(page.locator(".card")).to_have_count(0)
    page.goto("/deal?deal=1")
    expect(page.get_by_text("There is no such deal, or you may not see it.")).to_be_visible()


def of_all(page: Page, name: str) -> Locator:
    return column(page, name).locator(".head .menu-button")


def choose(page: Page, box: str, option: str) -> None:
    page.get_by_test_id("stDialog").get_by_role("combobox", name=box).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_all_that_a_stage_holds_under_a_search_are_moved_and_put_back(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = sign_in("ana", server)
    page.goto(f"/pipeline?pipeline={server.seeded.pipelines['all']}&q=de")
    expect(column(page, "Lead").locator(".count")).to_have_text("1")
    idle(page)
    of_all(page, "Lead").click()
    expect(page.locator(".menu-title")).to_have_text("All 1 here")
    page.get_by_role("menuitem", name="Move all to").click()
    choose(page, "Stage", "all · Offer")
    expect(page.get_by_test_id("stDialog").get_by_text("Desks")).to_be_visible()
    page.get_by_role("button", name="Change 1 deal").click()
    expect(page.get_by_text("1 deal moved to Offer.")).to_be_visible()
    expect(titles(page, "Offer")).to_have_text(["Desks"])
    expect(of_all(page, "Lead")).to_be_hidden()
    idle(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 1 deal put back")).to_be_visible()
    expect(titles(page, "Lead")).to_have_text(["Desks"])


def test_all_that_a_stage_holds_are_given_to_somebody_by_keyboard(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "giving")
    of_all(page, "Lead").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Move all to")).to_be_focused()
    page.keyboard.press("Escape")
    expect(of_all(page, "Lead")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    choose(page, "Owner", "Bob")
    page.get_by_role("button", name="Change 3 deals").click()
    expect(page.get_by_text("3 deals given to Bob.")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 3 deals put back")).to_be_visible()


def test_all_that_a_stage_holds_are_lost_only_with_why(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = board(sign_in, server, "ana", "refused")
    of_all(page, "Lead").click()
    page.get_by_role("menuitem", name="Close all as lost").click()
    dialog = page.get_by_test_id("stDialog")
    expect(dialog.get_by_text("Say why they were lost")).to_be_visible()
    dialog.get_by_role("textbox", name="Note").fill("Too dear")
    dialog.get_by_role("textbox", name="Note").press("Enter")
    dialog.get_by_role("button", name="Change 3 deals").click()
    expect(page.get_by_text("3 deals marked as lost")).to_be_visible()
    expect(column(page, "Lost").locator(".count")).to_have_text("3")
    idle(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 3 deals put back")).to_be_visible()


def test_a_card_of_a_past_day_opens_its_deal_as_it_was_and_leads_back_to_today(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = sign_in("ana", server)
    page.goto(f"/pipeline?pipeline={server.seeded.pipelines['past']}&as_of={server.seeded.past}")
    expect(titles(page, "Lead")).to_have_text(["Benches"])
    expect(page.get_by_text("As of the end of")).to_be_visible()
    expect(page.get_by_role("button", name="New deal")).to_have_count(0)
    idle(page)
    card(page, "Benches").click()
    value = page.get_by_test_id("stMetricValue")
    expect(value).to_have_text("R$100.00")
    expect(page.get_by_role("radio", name="Lead")).to_be_checked()
    expect(page.get_by_role("button", name="Won")).to_have_count(0)
    idle(page)
    page.get_by_role("button", name="Back to today").click()
    expect(value).to_have_text("R$3,000.00")
    expect(page.get_by_role("radio", name="Talk")).to_be_checked()
    expect(page.get_by_role("button", name="Won")).to_be_visible()
    expect(page).not_to_have_url(re.compile("as_of"))


def test_why_a_figure_changed_is_told_by_causes_that_sum_to_the_difference(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = sign_in("marta", server)
    page.goto(f"/forecast?pipeline={server.seeded.pipelines['past']}&back=day")
    idle(page)
    page.locator(".st-key-why-Undated button").first.click()
    drawer = page.get_by_role("dialog")
    ends = drawer.get_by_test_id("stMetricValue")
    expect(ends).to_have_text(["R$100.00", "R$3,500.00"])
    rows = drawer.locator("canvas tbody tr")
    expect(rows).to_have_count(3)
    told = [row.locator("td").all_text_contents() for row in rows.all()]
    amounts = {cells[-3]: Decimal(re.sub(r"[^\d.+-]", "", cells[-2])) for cells in told}
    assert amounts == {"New": 500, "Value up": 2900, "Difference": 3400}
    page.wait_for_url("**why=**")
