import pytest

from crm import companies, contacts, deals, pipelines
from crm.foundation.access import Module
from crm.foundation.errors import Duplicate, Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.platform import workspace
from crm.records import attributes
from crm.records import bin as the_bin
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.store import Store
from tests.people import Team


def test_a_company_is_kept_in_normal_form(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        company = companies.create(tx, name=" Bücher AG ", domain="https://www.Bücher.example/shop?x=1")
    assert (company.name, company.domain) == ("Bücher AG", "xn--bcher-kva.example")
    assert company.owner_name == "Ana"


def test_a_company_needs_a_name_and_a_domain_that_is_one(store: Store, team: Team) -> None:
    for given, field in (({"name": " "}, "name"), ({"name": "A", "domain": "no domain"}, "domain")):
        with pytest.raises(Invalid) as refusal, store.writing(team.ana) as tx:
            companies.create(tx, **given)
        assert refusal.value.field == field


def test_a_domain_belongs_to_one_company(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        holder = companies.create(tx, name="Aurora", domain="aurora.example")
        other = companies.create(tx, name="Other")
    with pytest.raises(Duplicate, match="already belongs to “Aurora”") as refusal, store.writing(team.marta) as tx:
        companies.edit(tx, other.id, domain="WWW.Aurora.example")
    assert (refusal.value.holder_kind, refusal.value.holder_id) == ("company", holder.id)
    with store.reading(team.marta) as tx:
        assert companies.get(tx, other.id) == other


def test_the_second_of_two_edits_is_told_what_changed(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = companies.create(tx, name="Aurora")
        companies.edit(tx, made.id, version=1, description="Parts")
    with pytest.raises(Stale, match="Marta changed “Aurora”: description"), store.writing(team.bob) as tx:
        companies.edit(tx, made.id, version=1, description="Tools")


def test_a_company_goes_to_the_bin_and_comes_back_with_its_contacts(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = companies.create(tx, name="Aurora", domain="aurora.example")
        contacts.create(tx, name="Ana", company_id=made.id)
        companies.delete(tx, made.id)
        assert companies.find(tx, ListQuery(sort="name")).total == 0
        assert [row["shown_name"] for row in the_bin.listed(tx).items] == ["Aurora"]
        taken = companies.create(tx, name="New Aurora", domain="aurora.example")
    with pytest.raises(Duplicate), store.writing(team.marta) as tx:
        companies.restore(tx, made.id)
    with store.writing(team.marta) as tx:
        companies.edit(tx, taken.id, domain=None)
        assert companies.restore(tx, made.id).contact_count == 1


@pytest.mark.parametrize(
    ("email", "suggested"),
    [
        ("x@aurora.example", "Aurora"),
        ("x@MAIL.Aurora.example", "Aurora"),
        ("x@shop.aurora.example", "Aurora shop"),
        ("x@notaurora.example", None),
        ("x@example", None),
        ("x@gmail.com", None),
        (None, None),
    ],
)
def test_an_emails_domain_suggests_the_company_and_free_mail_never_does(
    store: Store, team: Team, email: str | None, suggested: str | None
) -> None:
    with store.writing(team.marta) as tx:
        companies.create(tx, name="Aurora", domain="aurora.example")
        companies.create(tx, name="Aurora shop", domain="shop.aurora.example")
        companies.create(tx, name="The mail provider", domain="gmail.com")
        found = companies.suggested_for(tx, email)
    assert (found.name if found else None) == suggested


def test_a_contact_is_linked_and_unlinked(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        company = companies.create(tx, name="Aurora")
        person = contacts.create(tx, name="Ana")
        assert contacts.edit(tx, person.id, company_id=company.id).company_name == "Aurora"
        assert companies.get(tx, company.id).contact_count == 1
        assert contacts.edit(tx, person.id, company_id=None).company_name is None


def test_find_or_create_goes_by_domain_then_by_name(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        first = companies.create(tx, name="Aurora", domain="aurora.example")
        assert companies.find_or_create(tx, name="Whatever", domain="aurora.example").id == first.id
        assert companies.find_or_create(tx, name="AURORA").id == first.id
        namesake = companies.find_or_create(tx, name="Aurora", domain="other.example")
        assert namesake.id != first.id
        assert companies.find_or_create(tx, domain="new.example").name == "new.example"
    with pytest.raises(Invalid), store.writing(team.marta) as tx:
        companies.find_or_create(tx)


def test_companies_are_searched_sorted_and_filtered(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        for name in ("Órion", "beta", "Zeta"):
            companies.create(tx, name=name, domain=f"{name[0].lower().replace('ó', 'o')}.example")

        def names(asked: ListQuery) -> list[str]:
            return [row["name"] for row in companies.find(tx, asked).items]

        assert names(ListQuery(sort="name")) == ["beta", "Órion", "Zeta"]
        assert names(ListQuery(search="orion", sort="name")) == ["Órion"]
        assert names(ListQuery(Rule(field="domain", op="starts_with", value="z."), sort="name")) == ["Zeta"]


def test_the_deals_of_a_company_are_summed_by_currency_never_across(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        company = companies.create(tx, name="Aurora")
        person = contacts.create(tx, name="Ana", company_id=company.id)
        pipeline = pipelines.create(tx, "Sales", stages=["New", "Won", "Lost"])
        for value, currency, link in (
            (100, "BRL", {"company_id": company.id}),
            (50, "BRL", {"contact_id": person.id}),
            (7, "USD", {"company_id": company.id}),
            (None, "USD", {"company_id": company.id}),
            (999, "BRL", {}),
        ):
            deals.create(tx, title="D", pipeline_id=pipeline.id, value=value, currency=currency, **link)
        totals = deals.totals_of_company(tx, company.id)
    assert [(row["currency"], row["open_count"], row["open_value"]) for row in totals] == [
        ("BRL", 2, 150),
        ("USD", 2, 7),
    ]


def test_with_the_module_off_companies_are_gone_and_cannot_be_made(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        made = companies.create(tx, name="Aurora")
        workspace.switch(tx, Module.COMPANIES, False)
    with pytest.raises(NotFound), store.reading(team.ada) as tx:
        companies.get(tx, made.id)
    with pytest.raises(ModuleOff), store.writing(team.ada) as tx:
        companies.create(tx, name="B")


def test_a_viewer_changes_no_company(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = companies.create(tx, name="Aurora")
    for change in (
        lambda tx: companies.create(tx, name="X"),
        lambda tx: companies.edit(tx, made.id, name="X"),
        lambda tx: companies.delete(tx, made.id),
        lambda tx: companies.restore(tx, made.id),
        lambda tx: companies.find_or_create(tx, name="X"),
    ):
        with pytest.raises(Forbidden), store.writing(team.vera) as tx:
            change(tx)


@pytest.mark.parametrize("who", ["marta", "ana"])
def test_with_the_module_off_nobody_finds_a_contact_by_an_attribute_of_its_company(
    store: Store, team: Team, who: str
) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="company", name="Rating", type="text")
    with store.writing(team.ana) as tx:
        company = companies.create(tx, name="Aurora", attributes={"rating": "A"})
        contacts.create(tx, name="Lia", company_id=company.id)
    rated = ListQuery(Rule(field="company.attribute:rating", op="is", value="A"))
    with store.reading(getattr(team, who)) as tx:
        assert contacts.find(tx, rated).total == 1
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
        workspace.switch(tx, Module.COMPANIES, False)
    with store.reading(getattr(team, who)) as tx, pytest.raises(Invalid, match="There is no field"):
        contacts.find(tx, rated)
