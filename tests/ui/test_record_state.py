"""What a session holds of a record goes when another is opened, and what is unsaved does not."""

import pytest
from streamlit.testing.v1 import AppTest

from crm import deals, pipelines
from crm.deals import Deal
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from tests.pages import open_page, unfold
from tests.people import Team

TABS = ("Notes", "Activity", "Files", "Lines and quotes", "Movements")


@pytest.fixture
def many(store: Store, team: Team) -> list[Deal]:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        return [deals.create(tx, title=f"Deal {number}", pipeline_id=sales.id, value=10) for number in range(7)]


def keys(page: AppTest, deal: Deal) -> set[str]:
    """What the session holds, with the deal's own keys as those of any deal."""
    state = page.session_state._state.filtered_state
    return {str(key).replace(f"deal-{deal.id}", "deal-N") for key in state}


def test_a_session_does_not_grow_with_the_deals_it_visits(store: Store, team: Team, many: list[Deal]) -> None:
    page = open_page(store, "deal", team.ana, deal=str(many[0].id))
    held = []
    for number, deal in enumerate(many):
        page.query_params["deal"] = str(deal.id)
        for tab in TABS[: 1 + number % len(TABS)]:
            unfold(page, "deal-tabs", tab)
        unfold(page, f"deal-{deal.id}-step")
        unfold(page, "deal-tabs", "Activity")
        assert not page.exception
        held.append(keys(page, deal))
    assert held[5] == held[0]  # after the same tabs as in the first one
    assert held[6] == held[1]


def test_what_was_typed_and_not_saved_is_there_again_after_other_deals(
    store: Store, team: Team, many: list[Deal]
) -> None:
    first, second = many[:2]
    page = open_page(store, "deal", team.ana, deal=str(first.id))
    page.text_area[0].set_value("They want").run()
    unfold(page, f"deal-{first.id}-step")
    page.text_input[0].set_value("Call th").run()
    unfold(page, "deal-tabs", "Movements")
    unfold(page, f"deal-{first.id}-step", False)
    page.query_params["deal"] = str(second.id)
    unfold(page, "deal-tabs", "Activity")
    assert page.text_area[0].value == ""
    page.query_params["deal"] = str(first.id)
    unfold(page, f"deal-{first.id}-step")
    assert page.text_area[0].value == "They want"
    assert page.text_input[0].value == "Call th"
