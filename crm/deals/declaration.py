"""The declaration of the record type deal."""

from collections.abc import Iterable

from crm.deals import health, hooks, line_filters
from crm.deals.activity import note_child
from crm.deals.at_once import at_once
from crm.deals.record import Deal
from crm.deals.versions import change_of, note_each
from crm.foundation.access import Module, Permission, Role
from crm.foundation.language import later
from crm.records import listing
from crm.records.declaration import BelongsTo, HasMany, Hooks, RecordType, Trait
from crm.records.fields import Day, Text
from crm.records.filter_context import FilterContext
from crm.records.filters import Clause, Field, FieldType
from crm.records.listing import words
from crm.store import Reading, Writing


def _derived(context: FilterContext) -> Iterable[Field]:
    """Filter fields that are computed: the day of closing, and the health of open deals (closed ones have none)."""
    found = [Field("closing_day", later("Closes"), FieldType.DATE, "coalesce(deal.closed_on, deal.expected_close)")]
    # Health is scored for all open deals at once, so only where a filter names it.
    if not any(context.mentions(key) for key in ("health", "health_score", "idle_days")):
        return found
    # Without keys the filter builder asks for all fields and keeps their SQL beyond this snapshot, where no temporary
    # table of it exists.
    scored = health.now(context.tx, lasting=context.keys is None)
    within = f"(deal.status = 'open' AND deal.id IN (SELECT health.id FROM {scored} AS health WHERE {{condition}}))"
    return [
        *found,
        Field("health", later("Health"), FieldType.CHOICE, "health.status", within, options=health.STATUSES),
        Field("health_score", later("Health score"), FieldType.NUMBER, "health.score", within),
        Field("idle_days", later("Idle days"), FieldType.NUMBER, "health.idle_days", within),
    ]


def _of_customer(context: FilterContext) -> Iterable[Field]:
    found = [
        Field("contact_id", later("Contact"), FieldType.REFERENCE, "deal.contact_id", to="contact"),
        _named("contact", later("Contact’s name"), "contacts"),
    ]
    if context.tx.actor.has(Module.COMPANIES):
        found += [
            Field("company_id", later("Company"), FieldType.REFERENCE, "deal.company_id", to="company"),
            _named("company", later("Company’s name"), "companies"),
        ]
    return found


def _named(kind: str, label: str, table: str) -> Field:
    within = (
        # Said apart: IN is NULL for a deal without one, and NOT of NULL would lose it.
        f"(deal.{kind}_id IS NOT NULL"
        f" AND deal.{kind}_id IN (SELECT {kind}.id FROM {table} AS {kind} WHERE {{condition}}))"
    )
    return Field(f"{kind}_name", label, FieldType.TEXT, f"{kind}.name", within)


def _searched(query: str) -> Clause:
    """The search condition: every word occurs in the deal's search text, its contact's, or its company's."""
    return words(
        query,
        """
        contains(deal.search, {word})
        OR deal.contact_id IN (SELECT id FROM contacts WHERE contains(search, {word}))
        OR deal.company_id IN (SELECT id FROM companies WHERE contains(search, {word}))
        """,
    )


def _of_health(tx: Reading, column: str) -> str:
    """SQL of a health column to sort by: NULL for closed deals, which come last."""
    return f"(SELECT health.{column} FROM {health.now(tx)} AS health WHERE health.id = deal.id)"


def _after_set(tx: Writing, ids: str) -> None:
    note_each(tx, ids)


DEAL: RecordType[Deal] = RecordType(
    key=later("deal"),
    plural=later("deals"),
    record=Deal,
    icon=":material/handshake:",
    permission=Permission.MANAGE_CRM,
    module=Module.CRM,
    traits=frozenset(Trait) - {Trait.MERGE},
    links=(HasMany("orders", by="deal_id"), BelongsTo("contact_id"), BelongsTo("company_id")),
    hooks=Hooks(before_write=hooks.before_write, after=hooks.follow_up, after_set=_after_set, after_child=note_child),
    owned_by_default=frozenset(Role),
    extra_arguments={"pipeline_id": int, "stage_id": int | None},
    about_new="Left out, the stage is the pipeline's first, the owner you, and the currency the workspace's.",
    about_edit="Another value or currency of a deal that has closed is a correction (`deal.corrected` in its history): "
    "its closing and the reports keep the value that it closed at. To have another one counted, reopen the deal and "
    "close it anew.",
    logged=("pipeline_id", "pipeline_name", "stage_id", "stage_name"),
    change_event=change_of,
    sorts={
        "priority": listing.Sort(
            "CASE deal.priority WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 END", "INTEGER"
        ),
        "stage": listing.Sort("(SELECT position FROM base.stages WHERE id = deal.stage_id)", "INTEGER"),
        "probability": listing.Sort("deal.probability", "DECIMAL(5, 2)"),
        "health": listing.Sort(lambda tx: _of_health(tx, "score"), "INTEGER"),
        "idle_days": listing.Sort(lambda tx: _of_health(tx, "idle_days"), "BIGINT"),
        "id": listing.Sort("deal.id", "BIGINT"),
    },
    filters=_derived,
    related_filters=_of_customer,
    relations=line_filters.relations,
    searched=_searched,
    bulk_operations=at_once,
    described_by=("contact_name", "company_name", "stage_name"),
    columns=(
        "identifier",
        "title",
        "value",
        "currency",
        "pipeline_id",
        "stage_id",
        "owner_id",
        "company_id",
        "contact_id",
    ),
    found_by_name=False,  # titles of deals repeat: a file names one by its identifier
    import_columns={
        "last_open_stage": Text(
            label=later("Last open stage"), headers=("last open stage", "lost in stage", "ultima etapa aberta")
        ),
        "created": Day(
            label=later("Opened on"),
            headers=("created", "created at", "create date", "opened", "open date", "engage date", "deal created",
                     "created on", "created date", "created time", "creation date", "data de criacao", "criado em",
                     "aberto em"),
            example="2026-01-15",
        ),
        "closed": Day(
            label=later("Closed on"),
            headers=("closed", "close date", "closed on", "won time", "lost time", "closing date", "closed date",
                     "closed at", "closed time",
                     "date closed", "data de fechamento", "fechado em"),
        ),
        "close_reason": Text(
            label=later("Won or lost reason"),
            headers=("close reason", "lost reason", "closed lost reason", "closed won reason", "won reason",
                     "reason", "loss reason",
                     "lost reason id", "reason for loss", "reason for loss win", "motivo",
                     "motivo da perda"),
        ),
    },
    import_order=("identifier", "title", "value", "currency", "pipeline", "stage", "last_open_stage", "owner", "team",
                  "company", "contact", "created", "closed", "expected_close", "close_reason", "source", "priority"),
)  # fmt: skip
