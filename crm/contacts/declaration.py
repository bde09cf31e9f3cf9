"""The declaration of the record type contact."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, cast

from crm.contacts import alike
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.records import bulk, listing
from crm.records.bulk import Action, BulkOperation
from crm.records.declaration import BelongsTo, DuplicateRules, HasMany, Hooks, Record, RecordType, Trait
from crm.records.fields import (
    AttributeValues,
    Checkbox,
    Email,
    LabelNames,
    NameOf,
    Person,
    Phone,
    Reference,
    Sort,
    Team,
    Text,
    Unique,
)
from crm.records.filter_context import FilterContext
from crm.records.filters import Clause, Field, FieldType
from crm.records.listing import or_phone, words
from crm.store import Reading


class Contact(Record, frozen=True):
    title_fields: ClassVar[tuple[str, ...]] = ("name", "email", "phone")

    name: Annotated[
        str | None,
        Text(
            label=later("Name"),
            limit=300,
            searched=True,
            sort=Sort("{record}.search"),  # begins with the folded name, else the email or phone
            headers=("name", "full name", "contact", "contact name", "person name", "display name",
                     "complete name", "customer name", "nome",
                     "nome completo", "contato", "cliente"),
            example="Ana Souza",
        ),
    ]  # fmt: skip
    email: Annotated[
        str | None,
        Email(
            label=later("Email"),
            unique=Unique("email_key"),
            searched=True,
            sort=Sort("{record}.email"),
            headers=("email", "e mail", "email address", "e mail address", "e mail 1 value", "person email",
                     "email work", "person email work", "emails", "primary email", "work email",
                     "correio eletronico", "endereco de email"),
            example="ana@example.com",
        ),
    ]  # fmt: skip
    phone: Annotated[
        str | None,
        Phone(
            label=later("Phone"),
            unique=Unique("phone_key"),
            searched=True,
            headers=("phone", "phone number", "mobile", "mobile phone", "mobile phone number", "phone 1 value",
                     "person phone", "phone work", "person phone work", "contact number",
                     "contact numbers", "mobile number", "cell phone", "work phone", "business phone", "telephone",
                     "primary phone", "telefone",
                     "celular", "fone", "whatsapp", "numero de telefone"),
            example="+55 11 98765-4321",
            described="Any way of writing it; kept as E.164.",
        ),
    ]  # fmt: skip
    """E.164."""
    identifier: Annotated[
        str | None,
        Text(
            label=later("Identifier"),
            limit=200,
            unique=Unique("identifier_key"),
            searched=True,
            headers=("identifier", "id", "external id", "contact id", "record id", "customer id", "reference",
                     "internal reference", "identificador",
                     "codigo", "codigo do cliente", "matricula"),
            example="C-1001",
            described="The customer's key in another system; unique.",
        ),
    ]  # fmt: skip
    """The customer's id in another system."""
    city: Annotated[
        str | None,
        Text(
            label=later("City"),
            limit=120,
            sort=Sort("{record}.city"),
            headers=(
                "city",
                "address 1 city",
                "home city",
                "business city",
                "mailing city",
                "billing city",
                "other city",
                "town",
                "cidade",
                "municipio",
            ),
            example="São Paulo",
        ),
    ]
    country: Annotated[
        str | None,
        Text(
            label=later("Country"),
            limit=120,
            sort=Sort("{record}.country"),
            headers=("country", "country region", "address 1 country", "home country region",
                     "business country region", "mailing country", "billing country", "other country", "country name",
                     "country id", "pais"),
            example="Brasil",
        ),
    ]  # fmt: skip
    company_id: Annotated[
        int | None,
        Reference(
            label=later("Company"),
            to="company",
            module=Module.COMPANIES,
            filtered=False,
            sort=Sort(module=Module.COMPANIES),
            headers=("company", "company name", "associated company", "organization", "organization name",
                     "organization 1 name", "person organization", "account", "account name", "parent id",
                     "parent id name", "parent company", "related company", "organisation", "organisation name",
                     "empresa", "nome da empresa",
                     "organizacao"),
            example="Aurora Ltda",
        ),
    ]  # fmt: skip
    company_name: Annotated[str | None, NameOf("company_id")]
    """None also where the actor may not see the company."""
    blocked: Annotated[
        bool,
        Checkbox(
            label=later("Blocked"),
            edited=False,
            merged=True,
            headers=("blocked", "bloqueado", "bloqueada"),
            example="no",
        ),
    ]
    owner_id: Annotated[int | None, Person(label=later("Owner"), sort=Sort())]
    owner_name: Annotated[str | None, NameOf("owner_id")]
    team_id: Annotated[int | None, Team(label=later("Team"))]
    team_name: Annotated[str | None, NameOf("team_id")]
    labels: Annotated[tuple[str, ...], LabelNames()]
    attributes: Annotated[dict[str, Any], AttributeValues()]


def _refuse_nobody(tx: Reading, before: Contact | None, fields: Mapping[str, Any]) -> None:
    """Require at least one of name, email and phone."""
    if not (fields["name"] or fields["email"] or fields["phone"]):
        raise Invalid(tr("A contact needs a name, an email or a phone."), "name")


def _activity(context: FilterContext) -> Iterable[Field]:
    if not context.mentions("last_activity_at"):
        return []
    within = f"(contact.id IN (SELECT contact_id FROM {context.costly('contact_activity')} WHERE {{condition}}))"
    return [Field("last_activity_at", tr("Last activity"), FieldType.MOMENT, "last_activity_at", within)]


_COMPANY = "(contact.company_id IS NOT NULL AND contact.company_id IN (SELECT id FROM companies WHERE {condition}))"


def _of_company(context: FilterContext) -> Iterable[Field]:
    if not context.tx.actor.has(Module.COMPANIES):
        return []
    return [
        Field("company_id", tr("Company"), FieldType.REFERENCE, "contact.company_id", to="company"),
        Field("company.name", tr("Company name"), FieldType.TEXT, "name", _COMPANY),
        Field("company.domain", tr("Company domain"), FieldType.TEXT, "domain", _COMPANY),
        *context.attributes("company", "contact.company_id", prefix="company.", label=tr("Company") + " ").values(),
    ]


def _searched(query: str) -> Clause:
    """The search condition: every word occurs in name, email, phone, identifier, or the company's name and domain; or,
    for a text that looks like a phone number in any notation, its digits do."""
    in_company = "contact.company_id IN (SELECT id FROM companies WHERE contains(search, {word}))"
    every = words(query, f"contains(contact.search, {{word}}) OR coalesce({in_company}, false)")
    return or_phone(every, query, "contact.search")


def _at_once(of: RecordType[Contact]) -> Mapping[Action, BulkOperation]:
    return {
        Action.SET_COMPANY: bulk.reference(of, "company_id", icon="apartment"),
        Action.BLOCK: replace(
            bulk.flag("blocked", up=True, label=later("Block"), icon="block", event="blocked", undone="unblocked"),
            done=later("{many} blocked."),
        ),
        Action.UNBLOCK: replace(
            bulk.flag(
                "blocked", up=False, label=later("Unblock"), icon="check_circle", event="unblocked", undone="blocked"
            ),
            done=later("{many} unblocked."),
        ),
    }


CONTACT: RecordType[Contact] = RecordType(
    key=later("contact"),
    plural=later("contacts"),
    record=Contact,
    icon=":material/person:",
    permission=Permission.MANAGE_CONTACTS,
    traits=frozenset(Trait) - {Trait.CHECKLISTS},
    links=(HasMany("deals", by="contact_id"), HasMany("orders", by="contact_id"), BelongsTo("company_id")),
    duplicate_rules=cast(DuplicateRules, alike),
    hooks=Hooks(refuse=_refuse_nobody),
    about_new="At least one of name, email and phone.",
    sorts={
        "last_activity_at": listing.Sort(
            "(SELECT last_activity_at FROM contact_activity WHERE contact_id = contact.id)", "TIMESTAMPTZ"
        )
    },
    filters=_activity,
    related_filters=_of_company,
    searched=_searched,
    bulk_operations=_at_once,
    described_by=("company_name", "email", "phone"),
    columns=(
        "name",
        "email",
        "phone",
        "identifier",
        "city",
        "country",
        "company_id",
        "owner_id",
        "team_id",
        "labels",
        "blocked",
    ),
    surest_keys=("identifier", "email", "phone"),
    personal=True,
    import_columns={
        "first_name": Text(
            label=later("First name"), limit=150, headers=("first name", "given name", "primeiro nome", "prenome")
        ),
        "last_name": Text(
            label=later("Last name"),
            limit=150,
            headers=("last name", "family name", "surname", "sobrenome", "ultimo nome"),
        ),
    },
    import_order=("identifier", "name", "first_name", "last_name", "email", "phone", "city", "country", "company",
                  "owner", "team", "labels"),
)  # fmt: skip
