from datetime import date

import pytest

from crm.errors import Invalid
from crm.filters import All, Any_, Field, FieldType, Filter, Not, Rule, compile_filter, describe, parse

FIELDS = {
    field.key: field
    for field in (
        Field("city", "City", FieldType.TEXT, "city"),
        Field("seats", "Seats", FieldType.NUMBER, "seats"),
        Field("created_at", "Created", FieldType.MOMENT, "created_at"),
        Field("blocked", "Blocked", FieldType.CHECKBOX, "blocked"),
        Field("owner_id", "Owner", FieldType.REFERENCE, "owner_id", options={1: "Ana", 2: "Bob"}),
    )
}


def compiled(asked: Filter) -> str:
    return compile_filter(asked, FIELDS, today=date(2026, 11, 22), time_zone="America/Sao_Paulo").sql


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(Invalid, match="no field “password_hash”") as refusal:
        compiled(Not(of=Rule(field="password_hash", op="is", value="x")))
    assert refusal.value.field == "password_hash"


def test_an_operator_that_the_field_does_not_understand_is_named_with_those_it_does() -> None:
    with pytest.raises(Invalid, match="“Seats” does not understand “contains”"):
        compiled(Rule(field="seats", op="contains", value="1"))


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("seats", "is", "many"),
        ("seats", "is", True),
        ("seats", "is", float("nan")),
        ("seats", "is", float("inf")),
        ("seats", "more_than", 10**19),
        ("seats", "is", None),
        ("seats", "between", (1,)),
        ("seats", "between", 1),
        ("city", "is", ""),
        ("city", "is", 5),
        ("city", "contains", "a\0b"),
        ("city", "contains", "x" * 501),
        ("city", "one_of", ()),
        ("city", "one_of", ("x",) * 201),
        ("created_at", "after", "yesterday"),
        ("created_at", "after", "0001-01-01"),
        ("created_at", "in_last_days", 0),
        ("created_at", "in_last_days", True),
        ("created_at", "in_next_days", 10**9),
        ("blocked", "is", "yes"),
        ("owner_id", "is", "1"),
        ("owner_id", "is", 2**63),
        ("owner_id", "is", -1),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_refused_by_the_fields_name(field: str, op: str, value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        compiled(Rule(field=field, op=op, value=value))
    assert refusal.value.field == field


def test_what_a_person_gives_is_never_in_the_sql() -> None:
    sql = compiled(Rule(field="city", op="contains", value="'; DROP TABLE base.contacts; --"))
    assert "DROP" not in sql


def test_a_boundary_of_a_day_is_midnight_of_the_workspace() -> None:
    asked = Rule(field="created_at", op="is", value="2026-11-22")
    params = compile_filter(asked, FIELDS, today=date(2026, 11, 22), time_zone="America/Sao_Paulo").params
    assert [str(value) for value in params.values()] == ["2026-11-22 03:00:00+00:00", "2026-11-23 03:00:00+00:00"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '{"kind": "rule"}',
        '{"kind": "rule", "field": "city", "op": "=", "value": "x"}',
        '{"kind": "rule", "field": "city", "op": "is", "value": {"a": 1}}',
        '{"kind": "rule", "field": "city", "op": "is", "value": "x", "sql": "1=1"}',
        '{"kind": "some", "of": []}',
        '{"kind":"not","of":' * 9 + '{"kind":"all","of":[]}' + "}" * 9,
        '{"kind":"not","of":' * 900,
        '{"kind":"all","of":[' + ",".join(['{"kind":"all","of":[]}'] * 101) + "]}",
        '{"kind":"rule","field":"city","op":"is","value":"' + "x" * 20_000 + '"}',
    ],
)
def test_a_text_that_makes_no_filter_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(text)
    assert refusal.value.field == "filter"


def test_no_text_is_no_filter() -> None:
    assert parse("") is None
    assert parse(None) is None


def test_a_filter_reads_as_a_sentence() -> None:
    asked = All(
        of=(
            Rule(field="city", op="is", value="Recife"),
            Any_(
                of=(Rule(field="owner_id", op="one_of", value=(1, 9)), Rule(field="seats", op="between", value=(1, 5)))
            ),
            Not(of=Rule(field="created_at", op="in_last_days", value=7)),
            Rule(field="blocked", op="is", value=False),
            Rule(field="gone", op="is_empty"),
        )
    )
    assert describe(asked, FIELDS) == (
        "City is “Recife” and (Owner is one of Ana, 9 (no longer exists) or Seats is between 1 and 5)"
        " and not (Created is in the last 7 days) and Blocked is no and “gone” (no longer exists)"
    )


def test_no_filter_is_everything() -> None:
    assert describe(None, FIELDS) == "Everything"
