"""Looking after labels: names and colours, merging two that mean the same, deleting."""

import pytest

from crm import contacts
from crm.foundation.errors import Duplicate, Forbidden, Invalid, NotFound
from crm.records import labels
from crm.records.labels import Label
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page
from tests.people import Team


@pytest.fixture
def vip(store: Store, team: Team) -> Label:
    with store.writing(team.ana) as tx:
        zoe = contacts.create(tx, name="Zoe")
        contacts.set_labels(tx, zoe.id, ["VIP", "Partner"])
        contacts.set_labels(tx, contacts.create(tx, name="Yara").id, ["VIP"])
        return next(label for label in labels.all_of(tx) if label.name == "VIP")


def of(store: Store, team: Team) -> dict[str | None, tuple[str, ...]]:
    with store.reading(team.ada) as tx:
        return {row["name"]: tuple(row["labels"]) for row in contacts.find(tx, contacts.ListQuery()).items}


def test_a_new_name_and_colour_show_on_every_contact(store: Store, team: Team, vip: Label) -> None:
    with store.writing(team.ada) as tx:
        assert labels.change(tx, vip.id, name=" Gold ", colour="orange") == Label(
            id=vip.id, name="Gold", colour="orange"
        )
        assert tx.recorded[-1].name == "label.changed"
    assert of(store, team) == {"Zoe": ("Gold", "Partner"), "Yara": ("Gold",)}


def test_a_change_of_case_alone_is_no_duplicate_of_itself(store: Store, team: Team, vip: Label) -> None:
    with store.writing(team.ada) as tx:
        assert labels.change(tx, vip.id, name="Vip").name == "Vip"
        assert labels.change(tx, vip.id, name="Vip").name == "Vip"
        assert len(tx.recorded) == 1


def test_a_name_that_another_label_has_is_refused(store: Store, team: Team, vip: Label) -> None:
    with pytest.raises(Duplicate), store.writing(team.ada) as tx:
        labels.change(tx, vip.id, name="PARTNER")
    with pytest.raises(Duplicate), store.writing(team.ana) as tx:
        labels.create(tx, "vip")
    assert of(store, team) == {"Zoe": ("Partner", "VIP"), "Yara": ("VIP",)}


@pytest.mark.parametrize(("name", "colour"), [("", None), ("x" * 41, None), (None, "pink")])
def test_a_name_or_colour_that_is_none_is_refused(
    store: Store, team: Team, vip: Label, name: str | None, colour: str | None
) -> None:
    with pytest.raises(Invalid), store.writing(team.ada) as tx:
        labels.change(tx, vip.id, name=name, colour=colour)


def test_merging_gives_every_contact_the_other_label_once(store: Store, team: Team, vip: Label) -> None:
    with store.writing(team.ada) as tx:
        partner = next(label for label in labels.all_of(tx) if label.name == "Partner")
        assert labels.merge(tx, vip.id, into=partner.id) == partner
        assert labels.uses(tx) == {partner.id: {"contacts": 2}}
        with pytest.raises(NotFound):
            labels.get(tx, vip.id)
    assert of(store, team) == {"Zoe": ("Partner",), "Yara": ("Partner",)}


def test_a_label_is_not_merged_with_itself(store: Store, team: Team, vip: Label) -> None:
    with pytest.raises(Invalid, match="itself"), store.writing(team.ada) as tx:
        labels.merge(tx, vip.id, into=vip.id)
    assert of(store, team)["Yara"] == ("VIP",)


def test_a_deleted_label_is_gone_from_every_contact(store: Store, team: Team, vip: Label) -> None:
    with store.writing(team.ada) as tx:
        assert labels.delete(tx, vip.id) == {"contacts": 2, "deals": 0, "orders": 0}
    assert of(store, team) == {"Zoe": ("Partner",), "Yara": ()}


@pytest.mark.parametrize("person", ["marta", "ana", "rui", "vera"])
def test_only_who_manages_settings_looks_after_labels(store: Store, team: Team, vip: Label, person: str) -> None:
    actor = getattr(team, person)
    with pytest.raises(Forbidden), store.writing(actor) as tx:
        labels.change(tx, vip.id, name="Gold")
    with pytest.raises(Forbidden), store.writing(actor) as tx:
        labels.merge(tx, vip.id, into=vip.id)
    with pytest.raises(Forbidden), store.writing(actor) as tx:
        labels.delete(tx, vip.id)
    assert of(store, team)["Yara"] == ("VIP",)


def test_uses_count_only_contacts_in_sight(store: Store, team: Team, vip: Label) -> None:
    owner_privacy(store, team)
    with store.reading(team.bob) as tx:
        assert labels.uses(tx) == {}
    with store.reading(team.ana) as tx:
        assert labels.uses(tx)[vip.id] == {"contacts": 2}


def test_the_settings_show_each_label_with_its_uses(store: Store, team: Team, vip: Label) -> None:
    page = open_page(store, "settings", team.ada, section="Labels")
    assert not page.exception
    assert "on 2 contacts" in [caption.value for caption in page.caption]
    page.button(key=f"edit-label-{vip.id}").click().run()
    assert next(field for field in page.text_input if field.label == "Name").value == "VIP"
