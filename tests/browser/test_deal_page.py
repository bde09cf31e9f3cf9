"""A deal's page in a browser: a stage is pressed, a note written, a step ticked, the deal won and lost."""

import pytest
from playwright.sync_api import Locator, Page, expect

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.records import checklists
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle

TITLES = ("Moved", "Noted", "Won", "Lost", "Ticked")


def seed(store: Store) -> dict[str, int]:
    with store.writing(SYSTEM) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])
        made = {title: deals.create(tx, title=title, pipeline_id=sales.id, value=1200).id for title in TITLES}
        steps = checklists.add(tx, made["Ticked"], "Next steps")
        for name in ("Send proposal", "Call back"):
            checklists.add_item(tx, steps.id, name)
    return made


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    return serve(seed)


def opened(page: Page, server: Server[dict[str, int]], title: str) -> Page:
    page.goto(f"/deal?deal={server.seeded[title]}")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    idle(page)
    return page


def stage(page: Page, name: str) -> Locator:
    return page.locator("[class*='st-key-stage-path-']").get_by_role("radio", name=name)


def test_a_press_on_a_stage_moves_the_deal(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = opened(sign_in("ana", server), server, "Moved")
    expect(stage(page, "Lead")).to_be_checked()
    stage(page, "Offer").click()
    expect(stage(page, "Offer")).to_be_checked()
    page.get_by_role("tab", name="Activity").click()
    expect(page.locator(".timeline")).to_contain_text("moved this deal")
    page.reload()
    expect(stage(page, "Offer")).to_be_checked()


def test_a_note_is_written_at_once_and_shown_first(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = opened(sign_in("ana", server), server, "Noted")
    box = page.get_by_label("New note")
    box.fill("Wants forty seats from February")
    page.get_by_role("button", name="Add note").click()
    notes = page.get_by_role("tabpanel").filter(has=box)
    expect(notes.get_by_text("Wants forty seats from February")).to_be_visible()
    idle(page)  # until then the box that was written in may still stand beside the new one
    expect(box).to_have_value("")
    page.reload()
    expect(notes.get_by_text("Wants forty seats from February")).to_be_visible()
    page.get_by_role("tab", name="Activity").click()
    expect(page.locator(".timeline .note").get_by_text("Wants forty seats from February")).to_be_visible()


@pytest.mark.parametrize("outcome", ["Won", "Lost"])
def test_a_deal_is_closed_and_reopened_on_its_page(
    sign_in: SignIn, server: Server[dict[str, int]], outcome: str
) -> None:
    page = opened(sign_in("ana", server), server, outcome)
    page.get_by_role("button", name=outcome, exact=True).click()
    dialog = page.get_by_role("dialog")
    if outcome == "Lost":
        dialog.get_by_role("combobox", name="Reason").click()
        page.get_by_role("option").first.click()
        idle(page)
    dialog.get_by_role("button", name=f"Mark as {outcome.lower()}").click()
    expect(dialog).to_have_count(0)
    banner = page.locator(".st-key-record-outcome")
    expect(banner.get_by_text(outcome).first).to_be_visible()
    idle(page)
    banner.get_by_role("button", name="Reopen").click()
    expect(banner).to_have_count(0)
    expect(stage(page, "Lead")).to_be_checked()


def test_a_next_step_is_ticked(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = opened(sign_in("ana", server), server, "Ticked")
    card = page.locator(".st-key-card-steps")
    card.get_by_text("Send proposal").click()
    expect(card.get_by_role("checkbox", name="Send proposal")).to_be_checked()
    page.get_by_role("tab", name="Activity").click()
    expect(page.locator(".timeline")).to_contain_text("ticked “Send proposal”")
    page.reload()
    expect(card.get_by_role("checkbox", name="Send proposal")).to_be_checked()
    expect(card.get_by_role("checkbox", name="Call back")).not_to_be_checked()
