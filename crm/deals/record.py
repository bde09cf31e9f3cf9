"""The record class of a deal, with its declared fields."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from crm.foundation.access import Module
from crm.foundation.language import later
from crm.pipelines import Kind, categories, options
from crm.records.declaration import Record
from crm.records.fields import (
    AttributeValues,
    Choice,
    Currency,
    Day,
    LabelNames,
    Moment,
    Money,
    NameOf,
    Percent,
    Person,
    Reference,
    Sort,
    Target,
    Team,
    Text,
    Unique,
)

PRIORITIES = {"low": later("Low"), "medium": later("Medium"), "high": later("High")}
STATUSES = {"open": later("Open"), "won": later("Won"), "lost": later("Lost")}


class Deal(Record, frozen=True):
    title_fields: ClassVar[tuple[str, ...]] = ("title",)

    title: Annotated[
        str,
        Text(
            label=later("Title"),
            limit=300,
            searched=True,
            sort=Sort(),
            headers=("title", "deal", "deal title", "deal name", "opportunity", "opportunity name", "name", "subject",
                     "lead title", "titulo",
                     "negocio", "nome do negocio", "oportunidade"),
            example="Parts for Aurora",
        ),
    ]  # fmt: skip
    identifier: Annotated[
        str | None,
        Text(
            label=later("Identifier"),
            unique=Unique("identifier_key", taken=later("Another deal has the identifier “{value}”.")),
            described="Your own key for the deal; no two deals share one.",
            searched=True,
            headers=("identifier", "id", "external id", "deal id", "record id", "opportunity id", "identificador",
                     "codigo"),
            example="D-1001",
        ),
    ]  # fmt: skip
    pipeline_id: Annotated[
        int,
        Reference(
            label=later("Pipeline"),
            to=Target(later("pipeline"), "base.pipelines"),
            options=options.pipelines,
            edited=False,
            headers=("pipeline", "deal pipeline", "funil"),
            example="Sales",
        ),
    ]
    pipeline_name: Annotated[str, NameOf("pipeline_id")]
    stage_id: Annotated[
        int,
        Reference(
            label=later("Stage"),
            to=Target(later("stage"), "base.stages"),
            options=options.stages,
            edited=False,
            headers=(
                "stage",
                "deal stage",
                "stage name",
                "stage id",
                "sales stage",
                "pipeline stage",
                "status",
                "etapa",
                "fase",
                "estagio",
            ),
            example="Proposal",
        ),
    ]
    stage_name: Annotated[str, NameOf("stage_id")]
    status: Annotated[Kind, Choice(label=later("Status"), values=STATUSES, edited=False, exported=False)]
    probability: Decimal
    """Percent: its own, else that of its stage; 100 where it is won, 0 where it is lost."""
    forecast_category: str
    """Its forecast category: its own, else that of its stage."""
    rank: int
    value: Annotated[
        Decimal | None,
        Money(
            label=later("Value"),
            column="manual_value",
            read="{record}.value",
            write="CASE WHEN quoted_value IS NULL THEN {value} ELSE manual_value END",
            sort=Sort("{record}.value"),
            headers=(
                "value",
                "amount",
                "deal value",
                "close value",
                "deal amount",
                "lead value",
                "opportunity amount",
                "expected revenue",
                "valor",
                "valor do negocio",
            ),
            example="12500.00",
        ),
    ]
    """The sum of its lines; the typed value where it has none."""
    has_lines: bool
    currency: Annotated[
        str,
        Currency(
            label=later("Currency"),
            headers=("currency", "deal currency code", "currency iso code", "opportunity currency", "moeda"),
            example="BRL",
        ),
    ]
    priority: Annotated[
        Literal["low", "medium", "high"] | None,
        Choice(
            label=later("Priority"),
            values=PRIORITIES,
            words={
                "low": ("baixa",),
                "medium": ("media", "normal"),
                "high": ("alta", "urgent", "urgente"),
            },
            near={
                "low": ("lowest", "minor", "trivial", "cold", "p3", "p4", "muito baixa", "frio", "fria"),
                "medium": ("moderate", "standard", "warm", "mid", "p2", "morno", "morna", "moderada"),
                "high": (
                    "highest",
                    "critical",
                    "hot",
                    "asap",
                    "blocker",
                    "major",
                    "p0",
                    "p1",
                    "critica",
                    "muito alta",
                    "quente",
                ),
            },
            wrong=later("“{value}” is not a priority: low, medium or high."),
            headers=("priority", "prioridade"),
            example="high",
        ),
    ]
    owner_id: Annotated[int | None, Person(label=later("Owner"), sort=Sort())]
    owner_name: Annotated[str | None, NameOf("owner_id")]
    team_id: Annotated[int | None, Team(label=later("Team"), exported=False)]
    team_name: Annotated[str | None, NameOf("team_id")]
    contact_id: Annotated[
        int | None,
        Reference(
            label=later("Contact"),
            to="contact",
            filtered=False,
            headers=("contact", "contact email", "associated contact", "contact person", "contact name",
                     "primary contact",
                     "person", "person name", "person email", "contato",
                     "email do contato"),
            example="ana@example.com",
        ),
    ]  # fmt: skip
    contact_name: Annotated[str | None, NameOf("contact_id")]
    """None also where the actor may not see the contact."""
    company_id: Annotated[
        int | None,
        Reference(
            label=later("Company"),
            to="company",
            shown_with=True,
            module=Module.COMPANIES,
            filtered=False,
            sort=Sort(module=Module.COMPANIES),
            headers=("company", "company name", "associated company", "organization", "organization name",
                     "deal organization", "organisation", "organisation name", "account", "account name", "empresa",
                     "organizacao"),
            example="Aurora Ltda",
        ),
    ]  # fmt: skip
    company_name: Annotated[str | None, NameOf("company_id")]
    source: Annotated[
        str | None,
        Text(
            label=later("Source"),
            limit=120,
            headers=("source", "lead source", "original source", "source id", "origem", "fonte"),
            example="Fair",
        ),
    ]
    expected_close: Annotated[
        date | None,
        Day(
            label=later("Expected close"),
            sort=Sort(),
            headers=("expected close", "expected close date", "expected closing", "expected closing date",
                     "date deadline", "deal expected close date", "previsao de fechamento",
                     "fechamento previsto"),
            example="2026-12-15",
        ),
    ]  # fmt: skip
    own_probability: Annotated[
        Decimal | None,
        Percent(
            label=later("Own probability"),
            share=True,
            described="Percent, in place of the probability of its stage.",
            headers=("own probability", "deal probability", "probability", "probability percent", "probabilidade"),
            example="60",
        ),
    ]
    own_category: Annotated[
        str | None,
        Choice(
            label=later("Forecast category"),
            values=categories.CHOSEN,
            words={"best_case": ("best", "upside", "melhor caso"), "commit": ("committed", "compromisso")},
            described="In place of the forecast category of its stage; it stays when the stage changes.",
            headers=("forecast category", "own forecast category", "manual forecast category", "categoria de previsao"),
            example="commit",
        ),
    ]
    closed_on: Annotated[date | None, Day(label=later("Closed"), edited=False, sort=Sort())]
    close_reason_id: Annotated[
        int | None,
        Reference(
            label=later("Close reason"),
            to=Target(later("close reason"), "base.close_reasons"),
            options=options.close_reasons,
            edited=False,
        ),
    ]
    close_reason: Annotated[str | None, NameOf("close_reason_id")]
    close_note: str | None
    labels: Annotated[tuple[str, ...], LabelNames()]
    created_at: Annotated[datetime, Moment(label=later("Opened"), sort=Sort())]
    updated_at: Annotated[datetime, Moment(label=later("Last changed"), sort=Sort())]
    attributes: Annotated[dict[str, Any], AttributeValues()]

    @property
    def is_open(self) -> bool:
        return self.status is Kind.OPEN
