"""A filter that is taken apart to be built on asks for the same when it is put together again."""

from typing import Any

from hypothesis import assume, given, settings

from crm.records.filters import All, Any_, Filter, Measure, Not, Related, Rule
from crm.ui.components.filter_builder.draft import Block, Group, Line, drafted, without
from tests.records.filters.oracle import matches
from tests.records.filters.world import MONDAY, filters, people, person

CITY = Rule(field="city", op="is", value="Recife")


@settings(max_examples=150, deadline=None)
@given(rows=people, asked=filters)
def test_a_filter_taken_apart_and_put_together_means_the_same(rows: list[dict[str, Any]], asked: Filter) -> None:
    assume(_is_whole(asked))
    again = drafted(asked).filter
    assert again is not None
    for row in rows:
        assert matches(again, person(row), MONDAY, "UTC") == matches(asked, person(row), MONDAY, "UTC")


def test_a_list_of_rules_stays_the_very_same() -> None:
    asked = All(of=(CITY, Rule(field="label", op="is_empty")))
    assert drafted(asked).filter == asked


def test_what_is_not_finished_is_left_out() -> None:
    draft = Group(
        parts=[
            Line("city", "is", "Recife"),
            Line(),
            Line("city", "contains", ""),
            Line("born", "between", ("2026-01-01", None)),
            Line("owner", "one_of", ()),
            Group("any", [Line()]),
            Block("deals", "sum", measured=Line("value")),
        ]
    )
    assert draft.filter == All(of=(CITY,))
    assert Group(parts=[Line()]).filter is None


def test_no_and_none_are_opposites_of_what_stands_in_them() -> None:
    assert Group("none", [Line("city", "is", "Recife")]).filter == Not(of=Any_(of=(CITY,)))
    assert Group("not_all", [Line("city", "is", "Recife")]).filter == Not(of=All(of=(CITY,)))
    assert Block("deals", "no").filter == Not(of=Related(relation="deals"))


def test_a_figure_is_taken_apart_with_its_currency() -> None:
    measure = Measure(figure="sum", field="value", currency="USD", op="more_than", value=5)
    asked = All(of=(Related(relation="deals", of=(CITY,), measure=measure),))
    (block,) = drafted(asked).parts
    assert isinstance(block, Block)
    assert (block.how, block.currency, block.measured.value) == ("sum", "USD", 5)
    assert drafted(asked).filter == asked


def test_a_condition_is_taken_out_wherever_it_stands() -> None:
    deep = Line("city", "is", "Natal")
    draft = Group(parts=[Line("city", "is", "Recife"), Group("any", [Block("deals", parts=[deep])])])
    without(draft.parts, deep.id)
    assert draft.filter == All(of=(CITY, Any_(of=(Related(relation="deals"),))))


def _is_whole(asked: Filter) -> bool:
    """Without an empty group, which a draft takes for one that nobody has filled yet."""
    match asked:
        case All(of=parts) | Any_(of=parts):
            return bool(parts) and all(_is_whole(part) for part in parts)
        case Not(of=inner):
            return _is_whole(inner)
        case Related(of=parts):
            return all(_is_whole(part) for part in parts)
    return True
