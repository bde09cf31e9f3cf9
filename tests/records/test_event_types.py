"""The catalogue of events: whatever is recorded is in it, with a payload that fits."""

import ast
from pathlib import Path

import pytest

from crm.demo.fill import fill
from crm.foundation.access import SYSTEM
from crm.records.event_types import UnknownEvent, catalog, check
from crm.store import Store
from tests.people import Team

CRM = Path(__file__).parents[2] / "crm"


def recorded_names() -> dict[str, str]:
    """Each name that a call of `record` gives as it stands → where."""
    found = {}
    for path in CRM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) >= 3:
                name = node.args[0]
                if node.func.attr in ("record", "record_each") and isinstance(name, ast.Constant):
                    found[str(name.value)] = f"{path.relative_to(CRM)}:{node.lineno}"
    return found


def test_the_code_records_no_event_that_the_catalogue_does_not_know() -> None:
    names = recorded_names()
    assert len(names) > 80
    assert {name: place for name, place in names.items() if name not in catalog()} == {}


def test_an_unknown_event_or_a_payload_that_does_not_fit_fails_in_tests(store: Store, team: Team) -> None:
    with pytest.raises(UnknownEvent, match=r"no event “deal\.eaten”"), store.writing(team.ana) as tx:
        tx.record("deal.eaten", "deal", 1)
    with pytest.raises(UnknownEvent, match="not on a contact"), store.writing(team.ana) as tx:
        tx.record("deal.moved", "contact", 1, from_stage=1, to_stage=2, changes={})
    with pytest.raises(UnknownEvent, match="to_stage"), store.writing(team.ana) as tx:
        tx.record("deal.moved", "deal", 1, from_stage=1, changes={})
    with pytest.raises(UnknownEvent, match="colour"), store.writing(team.ana) as tx:
        tx.record("deal.moved", "deal", 1, from_stage=1, to_stage=2, changes={}, colour="red")


def test_the_demo_records_what_the_catalogue_knows(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        fill(tx)
        events = tx.rows("SELECT name, subject_kind, particulars FROM base.events")
    assert events
    for event in events:
        check(event["name"], event["subject_kind"], event["particulars"])


def test_each_type_of_event_says_what_happened_and_has_a_schema() -> None:
    for name, found in catalog().items():
        assert found.description.endswith("."), name
        assert found.payload.model_json_schema()["type"] == "object"
