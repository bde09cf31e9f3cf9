"""Deals from a file: by identifier. What the store must answer (stage, owner, company …) is in
crm/imports/applying/references.py."""

from decimal import Decimal

import polars as pl

from crm.foundation import identity, money
from crm.foundation.errors import Invalid
from crm.imports.model import OnDuplicate
from crm.imports.planning import labelled
from crm.imports.planning.columns import Columns
from crm.imports.planning.table import Table, by_key
from crm.imports.reading import normal_forms

PRIORITIES = {
    "low": "low",
    "baixa": "low",
    "medium": "medium",
    "media": "medium",
    "normal": "medium",
    "high": "high",
    "alta": "high",
    "urgent": "high",
    "urgente": "high",
}

FOLLOWS_VALUE = """CASE
    WHEN row.manual_value IS NOT NULL OR was.manual_value IS NULL THEN coalesce(row.currency, was.currency)
    ELSE was.currency
END"""
"""An amount is never relabelled: its currency changes with it or not at all."""

CLOSED_AFTER = "coalesce(row.stage_kind, was_stage.kind) <> 'open'"

SAME_STAGE = "coalesce(row.stage_id, was.stage_id) = was.stage_id"
"""What is said of a closing is of that one: why a deal was lost is not why it was won."""

TABLE = Table(
    noun="deal",
    name="deals",
    keys={"identifier": "identifier_key"},
    plain=(
        "title",
        "pipeline_id",
        "stage_id",
        "manual_value",
        "currency",
        "priority",
        "owner_id",
        "team_id",
        "contact_id",
        "company_id",
        "source",
        "expected_close",
        "closed_on",
        "close_reason_id",
        "close_note",
    ),
    search=("title", "identifier"),
    shown="found.title",
    finders=(by_key("identifier", "deals", "identifier_key"),),
    match_on=("identifier_key",),
    needs=pl.col("title").is_not_null(),
    unless="A new deal needs a title.",
    rules={
        ("currency", OnDuplicate.OVERWRITE): FOLLOWS_VALUE,
        ("currency", OnDuplicate.FILL): """CASE
            WHEN was.manual_value IS NULL AND row.manual_value IS NOT NULL THEN coalesce(row.currency, was.currency)
            ELSE was.currency
        END""",
        **{
            (column, OnDuplicate.OVERWRITE): f"""CASE
                WHEN {CLOSED_AFTER} AND {SAME_STAGE} THEN coalesce(row.{column}, was.{column})
                WHEN {CLOSED_AFTER} THEN row.{column}
            END"""
            for column in ("closed_on", "close_reason_id", "close_note")
        },
        **{
            (
                column,
                OnDuplicate.FILL,
            ): f"CASE WHEN was_stage.kind <> 'open' THEN coalesce(was.{column}, row.{column}) END"
            for column in ("closed_on", "close_reason_id", "close_note")
        },
    },
    joins="JOIN base.stages AS was_stage ON was_stage.id = was.stage_id",
    carried=(
        "row.named_company",
        "was_stage.kind AS was_kind",
        "coalesce(row.stage_kind, was_stage.kind) AS stage_kind",
    ),
)

KEYS = (("identifier_key", "identifier"),)


def clean(columns: Columns) -> None:
    for key, limit in (("title", 300), ("identifier", 200), ("source", 120)):
        columns.text(key, limit)
    for key in ("pipeline", "stage", "last_open_stage", "owner", "team", "company", "contact", "close_reason"):
        columns.text(key, 300)
    labelled.clean(columns)
    columns.put("priority", lambda column: normal_forms.by_value(column, _priority))
    for key in ("created", "closed", "expected_close"):
        columns.date(key)
    columns.clean = columns.clean.with_columns(identifier_key="identifier")
    amount_and_currency(columns, "manual_value")
    today = columns.ground.today
    columns.refuse_where(pl.col("created") > today, "created", "The deal opens in the future.")
    columns.refuse_where(pl.col("closed") < pl.col("created"), "closed", "The deal closes before it opens.")


def amount_and_currency(columns: Columns, kept_as: str) -> None:
    """The amount, in a column called `kept_as`, rounded to its currency, which its sign may name."""
    columns.amount("value")
    columns.put("currency", lambda column: normal_forms.by_value(column, money.currency))
    sign = pl.col("value_written_in")
    columns.refuse_where(
        sign != pl.coalesce("currency", sign), "value", "The value is written in another currency than the row's."
    )
    columns.clean = columns.clean.with_columns(currency=pl.coalesce("currency", sign)).drop("value_written_in")
    known = columns.clean["currency"].is_null() | columns.clean["currency"].is_in(money.CURRENCIES)
    columns.refuse(~known, "value", "The value is written in a currency that there is none of.")
    _round(columns, kept_as)


def _round(columns: Columns, kept_as: str) -> None:
    """To each currency's minor unit, asked of crm.foundation.money once for each different amount."""
    code = pl.col("currency").fill_null(columns.ground.currency)
    pairs = columns.clean.select("value", code=code).filter(pl.col("value").is_not_null()).unique()
    pairs = pairs.filter(pl.col("code").is_in(money.CURRENCIES))
    rounded = [(value, code, *_rounded(value, code)) for value, code in pairs.iter_rows()]
    schema = {
        "value": columns.clean.schema["value"],
        "code": pl.String(),
        "rounded": pl.Decimal(18, 4),
        "fault": pl.String(),
    }
    found = pl.DataFrame(rounded, schema=schema, orient="row")
    joined = columns.clean.with_columns(code=code).join(found, on=["value", "code"], how="left", maintain_order="left")
    columns.clean = joined.drop("value", "code", "fault").rename({"rounded": kept_as})
    columns.refuse(joined["fault"].is_not_null(), "value", joined["fault"])


def _rounded(value: Decimal, code: str) -> tuple[Decimal | None, str | None]:
    try:
        return money.amount(value, code), None
    except Invalid as refusal:
        return None, str(refusal)


def _priority(text: str) -> str:
    found = PRIORITIES.get(identity.folded(text.strip()))
    if found is None:
        raise Invalid(f"“{text}” is not a priority: low, medium or high.", "priority")
    return found
