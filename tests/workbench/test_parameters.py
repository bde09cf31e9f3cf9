"""The parameters of a text: which it names, of what type they seem, and which values they take."""

import pytest

from crm.foundation.errors import Invalid
from crm.workbench import parameters
from crm.workbench.parameters import ParameterType
from crm.workbench.running import Query, Workbench
from tests.people import Team


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT $a, $b_2, $a", ["a", "b_2"]),
        ("SELECT '$no', 'it''s $no' || $yes", ["yes"]),
        ('SELECT "$no" -- $no\n, /* $no */ $yes', ["yes"]),
        ("SELECT $$ $no $$, $tag$ $no $tag$, $yes", ["yes"]),
        ("SELECT a$no, $1, $é, $yes", ["yes"]),
        ("SELECT '$half written", []),
        ("", []),
    ],
)
def test_parameters_are_found_where_the_engine_finds_them(sql: str, names: list[str]) -> None:
    assert parameters.named(sql) == names


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("$x::DATE", ParameterType.DATE),
        ("$x :: int", ParameterType.NUMBER),
        ("$x::VARCHAR[]", ParameterType.LIST),
        ("$x::BOOLEAN", ParameterType.BOOLEAN),
        ("$x::VARCHAR", ParameterType.TEXT),
        ("$xs::DATE, $x", ParameterType.TEXT),
    ],
)
def test_a_cast_says_the_type(sql: str, kind: ParameterType) -> None:
    assert parameters.guessed(sql, "x") is kind


def test_a_list_narrows(workbench: Workbench, team: Team) -> None:
    sql = "SELECT x FROM (VALUES ('a'), ('b'), ('c')) AS t(x) WHERE x IN $wanted ORDER BY x"

    def found(*wanted: str) -> list[str]:
        table = workbench.run(team.rui, Query(sql, {"wanted": (ParameterType.LIST, wanted)})).table
        assert table is not None
        return [str(x) for x in table.column("x").to_pylist()]

    assert found("a", "c", "' OR true --") == ["a", "c"]
    assert found() == []


@pytest.mark.parametrize("value", ["a", [1], ["a"] * 501, ["a" * 5_001], ["a\0"]])
def test_what_is_no_list_is_refused(value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        parameters.checked({"x": (ParameterType.LIST, value)})
    assert refusal.value.field == "parameters.x"
