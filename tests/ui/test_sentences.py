"""Events of the log as sentences: who did what, and what was there before."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.records.history import Event
from crm.ui.components import sentences


def event(name: str, source: str = "page", **payload: Any) -> Event:
    return Event(
        happened_at=datetime(2026, 11, 22, tzinfo=UTC),
        actor_id=1,
        actor_name="Ana",
        source=source,
        name=name,
        payload=payload,
    )


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        (event("contact.created"), "Ana created this contact"),
        (event("contact.created", "import"), "Ana created this contact by an import"),
        (event("contact.import_undone", "import"), "Ana undid what an import had done to this contact"),
        (event("company.deleted"), "Ana put this company in the bin"),
        (event("contact.merged", absorbed_name="Zoé {x}"), "Ana merged “Zoé {x}” into this contact"),
        (event("contact.absorbed", survivor_name="Zoe"), "Ana merged this contact into “Zoe”"),
        (event("company.unmerged", absorbed_name="Old"), "Ana took “Old” out of this company again"),
        (event("contact.merged"), "Ana merged “another record” into this contact"),
        (event("note.added", text="Hi"), "Ana wrote a note"),
        (event("note.changed"), "Ana changed a note"),
        (event("file.attached", file_name="a.pdf"), "Ana attached a.pdf"),
        (event("file.removed", file_name="a.pdf"), "Ana removed a.pdf"),
        (
            event("order.made", order_title="Lamp", value="1250.0000", currency="BRL", status="pending"),
            "Ana recorded the order “Lamp” of 1,250.00 BRL as pending",
        ),
        (
            event("order.went_on", order_title="Lamp", value="1250.0000", currency="JPY"),
            "Ana changed the status of the order “Lamp” of 1,250 JPY",
        ),
        (event("deal.won"), "Ana won this deal"),
        (event("deal.brought_forward"), "Ana brought forward this deal"),
    ],
)
def test_an_event_is_told_as_a_sentence(happened: Event, sentence: str) -> None:
    assert sentences.sentence(happened) == sentence


def test_what_was_there_before_stands_beside_what_came() -> None:
    changes = {"owner_id": [1, 2], "owner_name": ["Ana", "Bob"], "blocked": [False, True], "labels": [[], ["VIP"]]}
    assert sentences.differences(event("contact.changed", changes=changes)) == [
        ("Owner", "Ana", "Bob"),
        ("Blocked", "no", "yes"),
        ("Labels", "–", "VIP"),
    ]


def test_an_import_tells_what_it_replaced_and_taking_it_back_what_returned() -> None:
    before = json.dumps({"city": "Recife", "company_id": 3, "a_shoe_size": 42})
    told = sentences.differences(event("contact.changed", "import", before=before))
    assert told == [("City", "Recife", ""), ("Shoe size", "42", "")]
    returned = sentences.differences(event("contact.import_undone", "import", before=before))
    assert returned == [("City", "", "Recife"), ("Shoe size", "", "42")]
    assert sentences.differences(event("contact.created", "import", before=None)) == []


def test_long_texts_are_clipped() -> None:
    assert sentences.quotation(event("note.added", text="x" * 1000)) == "x" * (sentences.LONGEST - 1) + "…"
    assert sentences.quotation(event("contact.changed")) is None


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("note.pinned", sentences.NOTES),
        ("file.removed", sentences.FILES),
        ("contact.merged", sentences.MERGES),
        ("company.woken", sentences.MERGES),
        ("deal.moved", sentences.CHANGES),
    ],
)
def test_news_is_filed_by_its_kind(name: str, group: str) -> None:
    assert sentences.group(event(name)) == group
