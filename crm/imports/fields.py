"""The fields that a column may be mapped to, by kind, and the header words by which each is known.

Words are compared without case, accents and punctuation. They cover English and Portuguese and the exports of HubSpot,
Pipedrive, Google and Outlook.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from crm.foundation import identity
from crm.foundation.access import Module
from crm.imports.model import Kind

ValueType = Literal["text", "email", "phone", "domain", "money", "currency", "date", "reference", "choice"]


@dataclass(frozen=True)
class Target:
    key: str
    label: str
    type: ValueType
    words: tuple[str, ...]
    example: str = ""


OWNER = Target(
    "owner",
    "Owner",
    "reference",
    ("owner", "contact owner", "deal owner", "company owner", "assigned to", "sales agent", "responsavel", "dono",
     "proprietario", "vendedor"),
    "ana@example.com",
)  # fmt: skip

LABELS = Target("labels", "Labels", "text",
                ("labels", "label", "tags", "tag", "deal label", "deal labels", "etiquetas", "etiqueta", "marcadores"),
                "VIP; Newsletter")  # fmt: skip

TEAM = Target("team", "Team", "reference", ("team", "team name", "hubspot team", "equipe", "time"))

CONTACTS = (
    Target("identifier", "Identifier", "text",
           ("identifier", "id", "external id", "contact id", "record id", "customer id", "identificador", "codigo",
            "codigo do cliente", "matricula"), "C-1001"),
    Target("name", "Name", "text",
           ("name", "full name", "contact", "contact name", "person name", "display name", "nome", "nome completo",
            "contato", "cliente"), "Ana Souza"),
    Target("first_name", "First name", "text",
           ("first name", "given name", "primeiro nome", "prenome")),
    Target("last_name", "Last name", "text",
           ("last name", "family name", "surname", "sobrenome", "ultimo nome")),
    Target("email", "Email", "email",
           ("email", "e mail", "email address", "e mail address", "e mail 1 value", "person email", "email work",
            "person email work", "correio eletronico", "endereco de email"), "ana@example.com"),
    Target("phone", "Phone", "phone",
           ("phone", "phone number", "mobile", "mobile phone", "mobile phone number", "phone 1 value", "person phone",
            "phone work", "person phone work", "telephone", "primary phone", "telefone", "celular", "fone", "whatsapp",
            "numero de telefone"), "+55 11 98765-4321"),
    Target("city", "City", "text",
           ("city", "address 1 city", "home city", "business city", "cidade", "municipio"), "São Paulo"),
    Target("country", "Country", "text",
           ("country", "country region", "address 1 country", "home country region", "business country region", "pais"),
           "Brasil"),
    Target("company", "Company", "reference",
           ("company", "company name", "associated company", "organization", "organization name", "organization 1 name",
            "person organization", "account", "empresa", "nome da empresa", "organizacao"), "Aurora Ltda"),
    OWNER,
    TEAM,
    LABELS,
    Target("blocked", "Blocked", "choice", ("blocked", "bloqueado", "bloqueada"), "no"),
)  # fmt: skip

COMPANIES = (
    Target("name", "Name", "text",
           ("name", "company", "company name", "organization", "organization name", "account", "account name", "nome",
            "empresa", "nome da empresa", "razao social", "nome fantasia"), "Aurora Ltda"),
    Target("domain", "Domain", "domain",
           ("domain", "company domain name", "website", "website url", "web site", "url", "site", "dominio"),
           "aurora.example.com"),
    Target("description", "Description", "text",
           ("description", "about us", "about", "notes", "descricao", "observacoes"), "Parts and tools"),
    OWNER,
    TEAM,
)  # fmt: skip

DEALS = (
    Target("identifier", "Identifier", "text",
           ("identifier", "id", "external id", "deal id", "record id", "opportunity id", "identificador", "codigo"),
           "D-1001"),
    Target("title", "Title", "text",
           ("title", "deal", "deal title", "deal name", "opportunity", "opportunity name", "name", "titulo", "negocio",
            "nome do negocio", "oportunidade"), "Parts for Aurora"),
    Target("value", "Value", "money",
           ("value", "amount", "deal value", "close value", "deal amount", "valor", "valor do negocio"), "12500.00"),
    Target("currency", "Currency", "currency", ("currency", "deal currency code", "moeda"), "BRL"),
    Target("pipeline", "Pipeline", "reference", ("pipeline", "deal pipeline", "funil"), "Sales"),
    Target("stage", "Stage", "reference",
           ("stage", "deal stage", "status", "etapa", "fase", "estagio"), "Proposal"),
    Target("last_open_stage", "Last open stage", "reference",
           ("last open stage", "lost in stage", "ultima etapa aberta"), ""),
    OWNER,
    TEAM,
    Target("company", "Company", "reference",
           ("company", "company name", "associated company", "organization", "organization name", "deal organization",
            "account", "account name", "empresa", "organizacao"), "Aurora Ltda"),
    Target("contact", "Contact", "reference",
           ("contact", "contact email", "associated contact", "contact person", "person email", "contato",
            "email do contato"), "ana@example.com"),
    Target("created", "Opened on", "date",
           ("created", "created at", "create date", "opened", "open date", "engage date", "deal created", "created on",
            "data de criacao", "criado em", "aberto em"), "2026-01-15"),
    Target("closed", "Closed on", "date",
           ("closed", "close date", "closed on", "won time", "lost time", "data de fechamento", "fechado em"), ""),
    Target("expected_close", "Expected close", "date",
           ("expected close", "expected close date", "deal expected close date", "previsao de fechamento",
            "fechamento previsto"), "2026-12-15"),
    Target("close_reason", "Won or lost reason", "reference",
           ("close reason", "lost reason", "closed lost reason", "closed won reason", "won reason", "motivo",
            "motivo da perda"), ""),
    Target("source", "Source", "text",
           ("source", "lead source", "original source", "origem", "fonte"), "Fair"),
    Target("priority", "Priority", "choice", ("priority", "prioridade"), "high"),
    LABELS,
)  # fmt: skip

ORDERS = (
    Target("external_id", "External id", "text",
           ("external id", "id", "order", "order id", "order number", "number", "order no", "name", "pedido",
            "numero do pedido", "codigo do pedido", "numero", "codigo"), "1042"),
    Target("title", "Title", "text",
           ("title", "product", "item", "items", "description", "lineitem name", "titulo", "produto", "descricao",
            "itens"), "Reading lamp"),
    Target("value", "Value", "money",
           ("value", "amount", "total", "order total", "grand total", "price", "valor", "valor total", "preco",
            "total do pedido"), "249.90"),
    Target("currency", "Currency", "currency", ("currency", "currency code", "moeda"), "BRL"),
    Target("status", "Status", "choice",
           ("status", "order status", "financial status", "payment status", "situacao", "status do pedido",
            "status do pagamento"), "paid"),
    Target("source", "Source", "choice", ("source", "channel", "origem", "fonte", "canal"), "commerce"),
    Target("ordered_on", "Order date", "date",
           ("order date", "ordered on", "date", "created at", "placed on", "purchase date", "data", "data do pedido",
            "data da compra", "criado em"), "2026-11-03"),
    Target("paid_on", "Paid on", "date",
           ("paid on", "paid at", "payment date", "date paid", "data do pagamento", "pago em"), "2026-11-04"),
    Target("contact", "Contact", "reference",
           ("contact", "customer", "customer name", "contact name", "buyer", "client", "billing name", "cliente",
            "nome do cliente", "contato", "comprador"), "Lia Prado"),
    Target("contact_identifier", "Customer id", "text",
           ("customer id", "contact id", "contact identifier", "customer identifier", "codigo do cliente",
            "id do cliente"), ""),
    Target("contact_email", "Email", "email",
           ("email", "e mail", "customer email", "contact email", "billing email", "email do cliente",
            "e mail do cliente"), "lia@example.com"),
    Target("contact_phone", "Phone", "phone",
           ("phone", "customer phone", "contact phone", "billing phone", "telefone", "telefone do cliente", "celular"),
           ""),
    Target("deal", "Deal", "reference", ("deal", "deal identifier", "deal id", "negocio", "codigo do negocio"), ""),
    Target("note", "Note", "text",
           ("note", "notes", "comment", "comments", "observacao", "observacoes", "nota"), ""),
)  # fmt: skip

TARGETS: dict[Kind, tuple[Target, ...]] = {
    Kind.CONTACTS: CONTACTS,
    Kind.COMPANIES: COMPANIES,
    Kind.DEALS: DEALS,
    Kind.ORDERS: ORDERS,
}

OF_MODULE = {"company": Module.COMPANIES, "deal": Module.CRM}
"""Fields that are gone while a module is off."""

SERVICE_COLUMNS = ("rejected line", "rejected reason")
"""Columns that our own file of rejected rows adds: read back, they are left out."""


TIME_ZONE = r"\s*\((?:GMT|UTC|[A-Z]{2,4}T)(?:[+-][\d:]+)?\)\s*$"


def plain(header: str) -> str:
    """`E-mail 1 - Value` → `e mail 1 value`, `Create Date (GMT-3)` → `create date`."""
    return re.sub(r"[^a-z0-9]+", " ", identity.folded(re.sub(TIME_ZONE, "", header))).strip()


def targets(kind: Kind, modules: Collection[Module]) -> list[Target]:
    """What a column may be mapped to while these modules are on."""
    gone = gone_keys(modules)
    return [target for target in TARGETS[kind] if target.key not in gone]


def gone_keys(modules: Collection[Module]) -> frozenset[str]:
    return frozenset(key for key, module in OF_MODULE.items() if module not in modules)


def target(kind: Kind, key: str) -> Target | None:
    return next((found for found in TARGETS[kind] if found.key == key), None)


def known_by(kind: Kind, header: str) -> Target | None:
    words = plain(header)
    return next((found for found in TARGETS[kind] if words in found.words or words == plain(found.label)), None)
