"""What is typed into the grid of lines: nothing of it is lost, whatever happens around it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crm.deals.quote import Changed, Line, New, Removed
from crm.ui.deals.lines.sheet import (
    BLANKS,
    Cells,
    Sheet,
    edits,
    is_blank,
    is_current,
    new_sheet,
    order,
    resolved,
    typed,
    with_edits,
    with_others,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def line(line_id: int, name: str = "Chair", **changes: Any) -> Line:
    return Line(
        **{
            "id": line_id,
            "deal_id": 1,
            "position": line_id,
            "product_id": None,
            "sku": None,
            "name": name,
            "quantity": Decimal(1),
            "unit_price": Decimal(10),
            "discount_kind": None,
            "discount": Decimal(0),
            "total": Decimal(10),
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
        }
        | changes
    )


def names(now: list[Cells]) -> list[str]:
    return [cells["name"] for cells in now if not is_blank(cells)]


def start(sheet: Sheet) -> list[Cells]:
    return typed(sheet, {})


def test_a_sheet_shows_the_lines_and_rows_to_type_in() -> None:
    sheet = new_sheet([line(4, "A"), line(7, "B")])
    now = start(sheet)
    assert names(now) == ["A", "B"]
    assert [cells["place"] for cells in now[:2]] == [1, 2]
    assert len(now) == 2 + BLANKS
    assert edits(sheet, now) == ([], [])


def test_what_is_typed_becomes_changes_of_just_the_cells_that_differ() -> None:
    sheet = new_sheet([line(1, "A"), line(2, "B"), line(3, "C")])
    now = typed(
        sheet,
        {
            0: {"quantity": 3.0, "percent": 12.5},
            1: {"gone": True},
            3: {"name": "New", "price": 0.1},
            4: {"sku": " LAMP-1 "},
        },
    )
    made, places = edits(sheet, now)
    assert places == [0, 1, 3, 4]
    assert made[0] == Changed(
        line_id=1, version=1, fields={"quantity": "3.0", "discount_kind": "percent", "discount": "12.5"}
    )
    assert made[1] == Removed(line_id=2, version=1)
    assert isinstance(made[2], New)
    assert (made[2].fields["name"], made[2].fields["quantity"], made[2].fields["unit_price"]) == ("New", "1", "0.1")
    assert isinstance(made[3], New)
    assert made[3].fields["sku"] == "LAMP-1"


def test_another_sku_brings_name_and_price_unless_they_were_typed_and_none_makes_a_line_its_own() -> None:
    sheet = new_sheet([line(1, sku="OLD", product_id=4)])
    [one] = edits(sheet, typed(sheet, {0: {"sku": "NEW"}}))[0]
    assert isinstance(one, Changed)
    assert one.fields == {"sku": "NEW", "name": None, "unit_price": None}
    [other] = edits(sheet, typed(sheet, {0: {"sku": "NEW", "price": 3.0}}))[0]
    assert isinstance(other, Changed)
    assert other.fields == {"sku": "NEW", "name": None, "unit_price": "3.0"}
    [own] = edits(sheet, typed(sheet, {0: {"sku": None}}))[0]
    assert isinstance(own, Changed)
    assert own.fields == {"sku": None, "product_id": None}


def test_lines_stand_by_the_numbers_beside_them() -> None:
    sheet = new_sheet([line(1, "A"), line(2, "B"), line(3, "C")])
    now = typed(sheet, {2: {"place": 0.5}, 3: {"name": "New", "place": 1.5}, 4: {"name": "Last"}, 1: {"gone": True}})
    assert order(sheet, now) == [3, 1, None, None]


def test_a_grid_that_is_full_gets_more_rows_and_keeps_what_was_typed() -> None:
    sheet = new_sheet([line(1, "A")])
    now = typed(sheet, {n: {"name": f"N{n}"} for n in range(1, 1 + BLANKS)} | {0: {"quantity": 2.0}})
    more = with_edits(sheet, now)
    assert more.turn == sheet.turn + 1
    assert names(start(more)) == ["A", "N1", "N2", "N3", "N4", "N5"]
    assert is_blank(start(more)[-1])
    assert edits(more, start(more)) == edits(sheet, now)


def test_what_others_changed_follows_where_it_was_not_touched() -> None:
    sheet = new_sheet([line(1, "A"), line(2, "B"), line(3, "C")])
    now = typed(sheet, {0: {"quantity": 5.0}, 3: {"name": "Mine"}})
    others = [line(1, "A"), line(2, "B2", version=2), line(4, "D")]
    assert is_current(sheet, [line(1), line(2), line(3)])
    assert not is_current(sheet, others)
    after = with_others(sheet, now, others)
    assert names(start(after)) == ["A", "B2", "D", "Mine"]
    assert start(after)[0]["quantity"] == 5
    assert after.clashing == []
    assert is_current(after, others)
    made, _ = edits(after, start(after))
    assert [type(one) for one in made] == [Changed, New]


def test_a_line_that_both_changed_clashes_until_one_is_chosen() -> None:
    sheet = new_sheet([line(1, "A")])
    now = typed(sheet, {0: {"quantity": 5.0}})
    theirs = line(1, "A", quantity=Decimal(9), version=2)
    after = with_others(sheet, now, [theirs])
    assert after.clashing == [0]
    assert is_current(after, [theirs])
    assert start(after)[0]["quantity"] == 5
    mine = resolved(after, start(after), 0, mine=True)
    assert edits(mine, start(mine))[0] == [Changed(line_id=1, version=2, fields={"quantity": "5.0"})]
    other = resolved(after, start(after), 0, mine=False)
    assert edits(other, start(other))[0] == []
    assert start(other)[0]["quantity"] == 9
    assert mine.clashing == other.clashing == []


def test_a_line_that_others_removed_while_it_was_edited_is_asked_about() -> None:
    sheet = new_sheet([line(1, "A"), line(2, "B")])
    now = typed(sheet, {0: {"quantity": 5.0}})
    after = with_others(sheet, now, [line(2, "B")])
    assert after.clashing == [0]
    kept = resolved(after, start(after), 0, mine=True)
    [made] = edits(kept, start(kept))[0]
    assert isinstance(made, New)
    assert (made.fields["name"], made.fields["quantity"]) == ("A", "5.0")
    gone = resolved(after, start(after), 0, mine=False)
    assert names(start(gone)) == ["B"]


def test_a_line_that_both_removed_is_nobodys_question() -> None:
    sheet = new_sheet([line(1, "A")])
    after = with_others(sheet, typed(sheet, {0: {"gone": True}}), [])
    assert after.clashing == []
    assert names(start(after)) == []
