"""What a browser kept of a form is read with care: whatever stands there, the form still opens."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.deals import DEAL
from crm.records.attributes import AttributeType, Definition
from crm.ui.forms import browser_draft
from crm.ui.forms.form_fields import ATTRIBUTE, FormField

# Characters by name: drawn from all there are, the first draw computes a table of these, for 1.6 s of a free processor.
TEXT = st.text("0129-:.+TWZeéß٣\u0301\u200b\x00\U0001f986 '\"<&", max_size=20)
NEARLY = st.sampled_from(["2026-02-30", "2026-12-31", "20261231", "2026-W01-1", "low", "Low", "S", "BRL", "1", "true"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT | NEARLY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | NEARLY, inner, max_size=3),
    max_leaves=5,
)


def definition(key: str, kind: AttributeType, *values: str) -> Definition:
    return Definition.model_construct(key=key, name=key, type=kind, values=values)


DEFINITIONS = [
    definition("floor", AttributeType.TEXT),
    definition("size", AttributeType.LIST, "S", "L"),
    definition("seats", AttributeType.NUMBER),
    definition("until", AttributeType.DATE),
    definition("paid", AttributeType.CHECKBOX),
]
CHOICES: dict[str, dict[Any, str]] = {
    "owner_id": {1: "Ana"},
    "team_id": {2: "North"},
    "currency": {"BRL": "BRL", "USD": "USD"},
    "priority": {"low": "Low", "medium": "Medium", "high": "High"},
}
FIELDS = {key: FormField(key, key, field, choices=CHOICES.get(key)) for key, field in DEAL.edited.items()} | {
    ATTRIBUTE + one.key: FormField(ATTRIBUTE + one.key, one.key, definition=one) for one in DEFINITIONS
}
HELD = {
    "title": str,
    "source": str,
    "value": float,
    "currency": str,
    "expected_close": object,
    "priority": str,
    "owner_id": int,
    "team_id": int,
    "attribute-floor": str,
    "attribute-size": str,
    "attribute-seats": float,
    "attribute-until": object,
    "attribute-paid": bool,
}


@pytest.mark.parametrize("field", HELD)
@given(value=JSON)
def test_whatever_was_kept_is_a_value_of_the_fields_widget_or_nothing(field: str, value: Any) -> None:
    found = browser_draft.read(FIELDS[field], value)
    assert found is browser_draft.NOTHING or found is None or isinstance(found, HELD[field])
    if field in ("priority", "attribute-size") and found is not browser_draft.NOTHING:
        assert found in (None, "low", "medium", "high", "S", "L")


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("value", 12, 12.0),
        ("expected_close", "2026-12-31", "2026-12-31"),
        ("owner_id", 1, 1),
        ("owner_id", 9, None),
        ("attribute-size", "XL", None),
        ("attribute-paid", True, True),
        ("currency", "XXY", None),
        ("priority", None, "None"),
    ],
)
def test_what_can_still_be_chosen_is_read_back(field: str, value: Any, found: Any) -> None:
    read = browser_draft.read(FIELDS[field], value)
    assert (None if read is browser_draft.NOTHING else str(read) if isinstance(found, str) else read) == found
