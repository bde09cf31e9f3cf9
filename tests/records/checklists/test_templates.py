"""Templates: who makes them, and what they lay onto a deal."""

from datetime import timedelta

import pytest

from crm.deals import Deal
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.records import checklists
from crm.records.checklists import Template, TemplateItem
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team

ITEMS = (TemplateItem(text="Call", due_days=0), TemplateItem(text="Write", due_days=14), TemplateItem(text="Wait"))


@pytest.fixture
def handover(store: Store, team: Team) -> Template:
    with store.writing(team.marta) as tx:
        return checklists.create_template(tx, "Handover", ITEMS)


def test_a_template_becomes_a_checklist_due_so_many_days_from_today(
    store: Store, team: Team, chairs: Deal, handover: Template
) -> None:
    with store.writing(team.ana) as tx:
        made = checklists.apply(tx, chairs.id, handover.id)
        assert made.name == "Handover"
        assert [(item.text, item.due_on) for item in made.items] == [
            ("Call", tx.today),
            ("Write", tx.today + timedelta(days=14)),
            ("Wait", None),
        ]
        added = checklists.add_item(tx, made.id, "Last")
        assert [item.text for item in checklists.get(tx, made.id).items] == ["Call", "Write", "Wait", "Last"]
        assert added.position == 4


def test_checklists_made_from_a_template_outlive_its_changes(
    store: Store, team: Team, chairs: Deal, handover: Template
) -> None:
    with store.writing(team.ana) as tx:
        made = checklists.apply(tx, chairs.id, handover.id)
    with store.writing(team.ada) as tx:
        changed = checklists.change_template(tx, handover.id, items=[TemplateItem(text="Sing")])
        assert (changed.items, changed.version) == ((TemplateItem(text="Sing"),), 2)
        checklists.delete_template(tx, handover.id)
        assert checklists.templates(tx) == []
        assert checklists.get(tx, made.id) == made


@pytest.mark.parametrize("person", ["ana", "bob", "rui", "vera"])
def test_only_managers_and_administrators_make_templates(
    store: Store, team: Team, handover: Template, person: str
) -> None:
    for verb in (
        lambda tx: checklists.create_template(tx, "Mine", ITEMS),
        lambda tx: checklists.change_template(tx, handover.id, name="Mine"),
        lambda tx: checklists.delete_template(tx, handover.id),
    ):
        with pytest.raises(Forbidden), store.writing(getattr(team, person)) as tx:
            verb(tx)
    with store.reading(team.vera) as tx:
        assert checklists.templates(tx) == [handover]


def test_a_template_is_applied_by_those_who_change_the_deal(
    store: Store, team: Team, chairs: Deal, handover: Template
) -> None:
    owner_privacy(store, team)
    for person, refusal in (("vera", Forbidden), ("rui", Forbidden), ("bob", NotFound)):
        with pytest.raises(refusal), store.writing(getattr(team, person)) as tx:
            checklists.apply(tx, chairs.id, handover.id)
    with pytest.raises(NotFound), store.writing(team.ana) as tx:
        checklists.apply(tx, chairs.id, 999)
    with store.reading(team.marta) as tx:
        assert checklists.of(tx, chairs.id) == []


def test_two_templates_of_one_name_and_ones_without_items_are_refused(
    store: Store, team: Team, handover: Template
) -> None:
    for name, items in (("handOVER ", ITEMS), ("", ITEMS), ("Empty", ()), ("Void", (TemplateItem(text=" "),))):
        with pytest.raises(Invalid), store.writing(team.marta) as tx:
            checklists.create_template(tx, name, items)
    with store.reading(team.marta) as tx:
        assert checklists.templates(tx) == [handover]


@pytest.mark.parametrize("days", [-1, checklists.MOST_DAYS + 1])
def test_days_out_of_reach_are_refused(store: Store, team: Team, days: int) -> None:
    strange = TemplateItem.model_construct(text="Call", due_days=days)
    with pytest.raises(Invalid), store.writing(team.marta) as tx:
        checklists.create_template(tx, "Far", [strange])


def test_a_change_from_an_old_look_is_refused(store: Store, team: Team, handover: Template) -> None:
    with store.writing(team.ada) as tx:
        checklists.change_template(tx, handover.id, name="Kick-off", version=1)
    with pytest.raises(Stale), store.writing(team.marta) as tx:
        checklists.change_template(tx, handover.id, name="Begin", version=1)
