"""Making, renaming and removing pipelines; the templates."""

from decimal import Decimal

import pytest

from crm import deals, pipelines
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff, NotFound
from crm.pipelines import Kind, NewStage
from crm.platform import workspace
from crm.store import Store
from tests.people import Team


def test_a_new_pipeline_ends_in_one_won_and_one_lost_stage(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", [NewStage(name="Lead", probability=Decimal(10)), "Offer"])
    assert [(s.name, s.kind, s.probability) for s in sales.stages] == [
        ("Lead", Kind.OPEN, Decimal(10)),
        ("Offer", Kind.OPEN, Decimal("66.67")),
        ("Won", Kind.WON, Decimal(100)),
        ("Lost", Kind.LOST, Decimal(0)),
    ]


def test_pipelines_stand_in_the_order_they_were_made(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        for name in ("Sales", "Renewals", "After-sales"):
            pipelines.create(tx, name, ["Lead"])
    with store.reading(team.vera) as tx:
        assert [pipeline.name for pipeline in pipelines.all_of(tx)] == ["Sales", "Renewals", "After-sales"]


@pytest.mark.parametrize("template", pipelines.templates(), ids=lambda template: template.key)
def test_every_template_makes_a_pipeline_whose_chances_rise(
    store: Store, team: Team, template: pipelines.Template
) -> None:
    with store.writing(team.marta) as tx:
        made = pipelines.create_from_template(tx, template.key)
    chances = [stage.probability for stage in made.open_stages]
    assert chances == sorted(set(chances))
    assert 4 <= len(made.open_stages) <= 8
    assert made.won.probability == 100
    assert made.lost.probability == 0
    assert len({stage.name for stage in made.stages}) == len(made.stages)


def test_the_catalog_covers_ten_niches() -> None:
    assert {template.niche for template in pipelines.templates()} == {
        *("B2B sales", "Real estate", "E-commerce", "After-sales", "Onboarding"),
        *("Clinic", "School", "SaaS renewals", "Agency", "Recruiting"),
    }


def test_a_template_that_does_not_exist_is_not_found(store: Store, team: Team) -> None:
    with pytest.raises(NotFound), store.writing(team.marta) as tx:
        pipelines.create_from_template(tx, "../../etc/passwd")


@pytest.mark.parametrize("who", ["ana", "rui", "vera"])
def test_only_managers_and_administrators_make_pipelines(store: Store, team: Team, who: str) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, who)) as tx:
        pipelines.create(tx, "Sales", ["Lead"])
    with store.reading(team.ada) as tx:
        assert pipelines.all_of(tx) == []


def test_two_pipelines_cannot_share_a_name(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        pipelines.create(tx, "Sales", ["Lead"])
    with pytest.raises(Invalid, match="already a pipeline"), store.writing(team.marta) as tx:
        pipelines.create(tx, "sales", ["Lead"])


@pytest.mark.parametrize("stages", [[], [" "]])
def test_a_pipeline_needs_an_open_stage_with_a_name(store: Store, team: Team, stages: list[str]) -> None:
    with pytest.raises(Invalid), store.writing(team.marta) as tx:
        pipelines.create(tx, "Sales", stages)


def test_a_pipeline_can_be_renamed(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        assert pipelines.rename(tx, sales.id, "New business").name == "New business"


def test_an_empty_pipeline_can_be_removed_and_one_with_deals_cannot(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        empty = pipelines.create(tx, "Empty", ["Lead"])
        sales = pipelines.create(tx, "Sales", ["Lead"])
        deals.create(tx, title="Chairs", pipeline_id=sales.id)
        pipelines.delete(tx, empty.id)
    with pytest.raises(Invalid, match="holds 1 deals"), store.writing(team.marta) as tx:
        pipelines.delete(tx, sales.id)
    with store.reading(team.marta) as tx:
        assert [pipeline.name for pipeline in pipelines.all_of(tx)] == ["Sales"]


def test_with_the_module_off_there_are_no_pipelines(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Sales", ["Lead"])
        workspace.switch(tx, Module.CRM, on=False)
    with store.reading(team.ada) as tx:
        assert pipelines.all_of(tx) == []
    with pytest.raises(ModuleOff), store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Lead"])
