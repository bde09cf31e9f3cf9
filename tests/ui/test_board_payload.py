"""What the foot of a board's column says."""

import json

import pytest

from crm.ui.board import payload


@pytest.mark.parametrize(("count", "press"), [(52, "Show 2 more"), (51, "Show 1 more"), (1_200, "Show 50 more")])
def test_the_foot_of_a_column_says_what_pressing_it_gives(count, press):
    card = payload.card(1, 1, "Desks", owner_id=None, owner_name=None, labels=(), spoken=())
    column = payload.column(7, "Lead", "gray", count=count, sums=[], cards=[card] * 50)
    assert json.loads(column)["more"] == {"shown": f"50 of {count:,}", "press": press}


def test_a_column_that_shows_all_has_no_foot():
    assert json.loads(payload.column(7, "Lead", "gray", count=0, sums=[], cards=[]))["more"] is None
