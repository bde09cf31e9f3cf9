"""The declaration of the record type company."""

from typing import Annotated, Any, cast

from crm.companies import alike, owning
from crm.foundation.access import Module, Permission
from crm.foundation.language import later
from crm.records.declaration import Changeable, DuplicateRules, HasMany, Record, RecordType, Trait
from crm.records.fields import AttributeValues, CountOf, Domain, LongText, NameOf, Person, Sort, Team, Text, Unique


class Company(Record, frozen=True):
    name: Annotated[
        str,
        Text(
            label=later("Name"),
            required=later("A company needs a name."),
            limit=300,
            searched=True,
            sort=Sort("{record}.search"),  # begins with the folded name
            headers=("name", "company", "company name", "organization", "organization name", "organisation",
                     "organisation name", "account", "account name",
                     "nome", "empresa", "nome da empresa", "razao social", "nome fantasia"),
            example="Aurora Ltda",
        ),
    ]  # fmt: skip
    domain: Annotated[
        str | None,
        Domain(
            label=later("Domain"),
            unique=Unique("domain_key"),
            searched=True,
            sort=Sort("{record}.domain"),
            headers=("domain", "company domain name", "website", "website url", "web site", "url", "site", "dominio"),
            example="aurora.example.com",
            described="Or an address in it; kept as the bare host; unique.",
        ),
    ]
    """The bare host name in lower case and ASCII: acme.com."""
    description: Annotated[
        str | None,
        LongText(
            label=later("Description"),
            headers=("description", "about us", "about", "descricao"),
            example="Parts and tools",
        ),
    ]
    owner_id: Annotated[int | None, Person(label=later("Owner"), sort=Sort())]
    owner_name: Annotated[str | None, NameOf("owner_id")]
    team_id: Annotated[int | None, Team(label=later("Team"))]
    team_name: Annotated[str | None, NameOf("team_id")]
    contact_count: Annotated[int, CountOf("contacts", by="company_id")]
    """The number of its contacts that the actor may see."""
    attributes: Annotated[dict[str, Any], AttributeValues()]


COMPANY: RecordType[Company] = RecordType(
    key=later("company"),
    plural=later("companies"),
    record=Company,
    icon=":material/apartment:",
    permission=Permission.MANAGE_CONTACTS,
    module=Module.COMPANIES,
    traits=frozenset(Trait) - {Trait.LABELS, Trait.CHECKLISTS},
    links=(
        HasMany("contacts", by="company_id"),
        HasMany("deals", by="company_id"),
        HasMany("orders", by="company_id", through="contacts"),
    ),
    found_by_name=True,
    described_by=("domain",),
    duplicate_rules=cast(DuplicateRules, alike),
    changeable=Changeable(owning.may_change, owning.FOREIGN, owning.WHY),
)
