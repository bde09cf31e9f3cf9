"""Writes generated records to the store: one frame and one INSERT … SELECT for each table."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from pydantic import BaseModel

from crm.demo.customers import NewCompany, NewContact
from crm.demo.histories import Arrival
from crm.demo.opportunities import NewDeal
from crm.demo.phrases import LABELS
from crm.demo.purchases import NewOrder
from crm.foundation import identity
from crm.foundation.language import tr
from crm.pipelines import RANK_STEP
from crm.platform import workspace
from crm.records import attributes
from crm.store import Writing


def write_companies(tx: Writing, companies: Sequence[NewCompany]) -> None:
    """Write the companies with their attributes."""
    _create_table(
        tx,
        "demo_companies",
        companies,
        search=[identity.search_text(company.name, company.domain) for company in companies],
    )
    tx.run(
        """
        INSERT INTO base.companies (
            id, name, domain, domain_key, description, owner_id, team_id, search, created_at, updated_at
        )
        SELECT id, name, domain, domain, description, owner_id, team_id, search, created_at, created_at
        FROM demo_companies
        """
    )
    _write_attributes(
        tx,
        "company",
        "demo_companies",
        {"industry": (tr("Industry"), "text"), "employees": (tr("Employees"), "number")},
    )


def write_contacts(tx: Writing, contacts: Sequence[NewContact]) -> None:
    search = [
        identity.search_text(contact.name, contact.email, contact.phone, contact.identifier) for contact in contacts
    ]
    _create_table(
        tx,
        "demo_contacts",
        contacts,
        search=search,
        email_key=[identity.email_key(contact.email) for contact in contacts],
    )
    tx.run(
        """
        INSERT INTO base.contacts (
            id, name, email, email_key, phone, phone_key, identifier, identifier_key, city, country, company_id,
            blocked, owner_id, team_id, search, created_at, updated_at
        )
        SELECT
            id, name, email, email_key, phone, phone, identifier, identifier, city, country, company_id,
            blocked, owner_id, team_id, search, created_at, created_at
        FROM demo_contacts
        """
    )
    _write_attributes(
        tx,
        "contact",
        "demo_contacts",
        {
            "job_title": (tr("Job title"), "text"),
            "birthday": (tr("Birthday"), "date"),
            "newsletter": (tr("Newsletter"), "checkbox"),
        },
    )


def write_labels(tx: Writing, chance: random.Random, contacts: Sequence[NewContact]) -> None:
    """Labels, and one of them on every fourth contact."""
    label_ids = [
        tx.insert(
            "INSERT INTO base.labels (name, name_key, colour) VALUES ($name, $key, $colour) RETURNING id",
            name=name,
            key=name.casefold(),
            colour=colour,
        )
        for name, colour in ((tr(name), colour) for name, colour in LABELS.items())
    ]
    labelled = [contact.id for contact in contacts if chance.random() < 0.25]
    links = pl.DataFrame({"contact_id": labelled, "label_id": chance.choices(label_ids, k=len(labelled))})
    tx.bulk("demo_labels", links)
    tx.run("INSERT INTO base.contact_labels FROM demo_labels")


def name_reasons(tx: Writing) -> None:
    """Translate the closing reasons that every store begins with."""
    for row in tx.rows("SELECT id, name FROM base.close_reasons ORDER BY id"):
        english = row["name"]
        if (name := tr(english)) != english:
            tx.run("UPDATE base.close_reasons SET name = $name WHERE id = $id", name=name, id=row["id"])


def write_deals(tx: Writing, deals: Sequence[NewDeal]) -> None:
    """Write the deals, each with its place in its stage."""
    # By `updated_at`: the last to arrive in a stage is on top of it, as if each had been dragged there.
    _create_table(tx, "demo_deals", deals, search=[identity.search_text(deal.title) for deal in deals])
    tx.run(
        """
        INSERT INTO base.deals (
            id, title, pipeline_id, stage_id, rank, manual_value, currency, priority, owner_id, team_id, contact_id,
            company_id, source, expected_close, closed_on, close_reason_id, close_note, search, created_at, updated_at
        )
        SELECT
            deal.id,
            deal.title,
            deal.pipeline_id,
            deal.stage_id,
            $step * row_number() OVER (PARTITION BY deal.stage_id ORDER BY deal.updated_at DESC, deal.id),
            deal.value,
            deal.currency,
            deal.priority,
            deal.owner_id,
            deal.team_id,
            deal.contact_id,
            deal.company_id,
            deal.source,
            deal.expected_close,
            deal.closed_on,
            reason.id,
            deal.close_note,
            deal.search,
            deal.created_at,
            deal.updated_at
        FROM demo_deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        LEFT JOIN base.close_reasons AS reason ON reason.kind = stage.kind AND reason.name = deal.close_reason
        ORDER BY deal.id
        """,
        step=RANK_STEP,
    )
    _write_attributes(tx, "deal", "demo_deals", {"installments": (tr("Installments"), "number")})


def write_versions(tx: Writing) -> None:
    """Write the deals' versions, after their lines. Every third lost deal and some others were postponed, two weeks
    each time."""
    # `seen` has the value of a deal with lines, which is their sum and not in the frame.
    tx.run(
        """
        INSERT INTO base.deal_versions (
            deal_id, value, currency, expected_close, owner_id, team_id, has_contact, happened_at, known_at, by_id, door
        )
        SELECT
            id,
            worth,
            currency,
            expected_close - (14 * (times - turn))::INTEGER,
            owner_id,
            team_id,
            contact_id IS NOT NULL,
            created_at + to_microseconds((epoch_us(updated_at) - epoch_us(created_at)) * turn // (times + 1)) AS moment,
            moment,
            owner_id,
            'page'
        FROM (
            SELECT
                deal.*,
                seen.value AS worth,
                CASE
                    WHEN deal.expected_close IS NULL THEN 0
                    WHEN stage.kind = 'lost' AND deal.id % 3 = 0 THEN 3
                    WHEN stage.kind <> 'won' AND deal.id % 7 = 0 THEN 3
                    WHEN deal.id % 5 = 0 THEN 1
                    ELSE 0
                END AS times
            FROM demo_deals AS deal
            JOIN everything.deals AS seen ON seen.id = deal.id
            JOIN base.stages AS stage ON stage.id = deal.stage_id
        ), range(4) AS turns(turn)
        WHERE turn <= times
        ORDER BY turn, id
        """
    )


def write_arrivals(tx: Writing, deals: Sequence[tuple[NewDeal, Sequence[Arrival]]]) -> None:
    """Write the movement history, with ids in the order of events."""
    rows = [
        {
            "deal_id": deal.id,
            "pipeline_id": deal.pipeline_id,
            "from_stage_id": before.stage.id if before else None,
            "to_stage_id": arrival.stage.id,
            "happened_at": arrival.happened_at,
            "by_id": deal.owner_id,
            "kind": arrival.kind,
        }
        for deal, arrivals in deals
        for before, arrival in zip([None, *arrivals], arrivals, strict=False)
    ]
    tx.bulk("demo_arrivals", pl.DataFrame(rows, infer_schema_length=None))
    # `seen.status = kind`: a deal holds the reason of its last closing; an earlier one of the other kind gets none.
    tx.run(
        """
        INSERT INTO base.stage_events (
            deal_id, pipeline_id, from_stage_id, to_stage_id, happened_at, known_at, by_id, kind, closed_on, value,
            currency, owner_id, team_id, close_reason_id
        )
        SELECT
            arrival.deal_id,
            arrival.pipeline_id,
            from_stage_id,
            to_stage_id,
            happened_at,
            happened_at,
            by_id,
            kind,
            CASE WHEN closes THEN (happened_at AT TIME ZONE $zone)::DATE END,
            CASE WHEN closes THEN seen.value END,
            CASE WHEN closes THEN seen.currency END,
            CASE WHEN closes THEN seen.owner_id END,
            CASE WHEN closes THEN seen.team_id END,
            CASE WHEN closes AND seen.status = kind THEN seen.close_reason_id END
        FROM (SELECT *, kind IN ('won', 'lost') AS closes FROM demo_arrivals) AS arrival
        JOIN everything.deals AS seen ON seen.id = arrival.deal_id
        ORDER BY happened_at, arrival.deal_id
        """,
        zone=workspace.get(tx).time_zone,
    )


def write_orders(tx: Writing, orders: Sequence[NewOrder]) -> None:
    """Write the orders in their last status, and their status history in the order of events."""
    _create_table(
        tx,
        "demo_orders",
        # The steps go to a table of their own.
        [order.model_copy(update={"statuses": ()}) for order in orders],
        status=[order.statuses[-1][0] for order in orders],
        updated_at=[order.statuses[-1][1] for order in orders],
        search=[identity.search_text(order.title, order.external_id) for order in orders],
    )
    tx.run(
        """
        INSERT INTO base.orders (
            id, title, contact_id, deal_id, value, currency, status, source, external_id, external_key, ordered_on,
            paid_on, search, created_at, updated_at
        )
        SELECT
            id, title, contact_id, deal_id, value, currency, status, source, external_id, source || ':' || external_id,
            ordered_at::DATE, paid_on, search, ordered_at, updated_at
        FROM demo_orders
        ORDER BY id
        """
    )
    steps = [
        {"order_id": order.id, "from_status": before, "to_status": status, "happened_at": at}
        for order in orders
        for before, (status, at) in zip([None, *(name for name, _ in order.statuses)], order.statuses, strict=False)
    ]
    tx.bulk("demo_order_steps", pl.DataFrame(steps, infer_schema_length=None))
    tx.run(
        """
        INSERT INTO base.order_statuses (order_id, from_status, to_status, happened_at, by_id)
        SELECT order_id, from_status, to_status, happened_at, 0 FROM demo_order_steps ORDER BY happened_at, order_id
        """
    )


def _create_table(tx: Writing, name: str, records: Sequence[BaseModel], **columns: Sequence[Any]) -> None:
    """Create a temporary table of the records and further columns."""
    # All rows are looked at: the first hundred may hold nothing in a column.
    frame = pl.DataFrame([record.model_dump() for record in records], infer_schema_length=None)
    tx.bulk(name, frame.with_columns(**{column: pl.Series(values) for column, values in columns.items()}))


def _write_attributes(tx: Writing, model: str, table: str, columns: Mapping[str, tuple[str, str]]) -> None:
    """Define an attribute for each of these columns of the frame, and write its values."""
    keys = [attributes.define(tx, model=model, name=name, type=type_).key for name, type_ in columns.values()]
    tx.run(
        f"""
        INSERT INTO base.{model}_attributes (id, {", ".join(f"a_{key}" for key in keys)})
        SELECT id, {", ".join(columns)}
        FROM {table}
        WHERE coalesce({", ".join(f"{column}::VARCHAR" for column in columns)}) IS NOT NULL
        """
    )
