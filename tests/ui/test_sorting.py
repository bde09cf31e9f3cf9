"""A click on a header of a list: what it makes of the address."""

import pytest

from crm.ui.lists.picking import Sorting

WORDS = ("-created_at", "created_at", "name", "-name", "city")


@pytest.mark.parametrize(
    ("now", "column", "mark"),
    [("name", "name", " ↑"), ("-name", "name", " ↓"), ("-created_at", "name", "")],
)
def test_the_column_that_sorts_says_in_which_direction(now: str, column: str, mark: str) -> None:
    assert Sorting(WORDS, now).mark(column) == mark


@pytest.mark.parametrize(
    ("now", "column", "chosen"),
    [
        ("-created_at", "name", "name"),
        ("name", "name", "-name"),
        ("-name", "name", "name"),
        ("created_at", "created_at", "-created_at"),
        ("city", "city", "city"),
        ("name", "phone", "name"),
    ],
)
def test_a_header_sorts_by_what_the_list_can_be_sorted_by(now: str, column: str, chosen: str) -> None:
    assert Sorting(WORDS, now).chosen(column) == chosen
