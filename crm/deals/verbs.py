"""Making and editing deals. Moving is in moving.py, winning and losing in closing.py, the bin in bin.py."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import EllipsisType
from typing import Any

from crm.deals.model import Deal, find_one, get
from crm.deals.moving import record_arrival
from crm.deals.rank import place
from crm.deals.revaluing import refuse_typed
from crm.deals.validation import EDITABLE, checked
from crm.deals.versions import change_of, note_change, note_each
from crm.foundation import identity
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.pipelines import Kind, Stage, rules
from crm.pipelines import get as pipeline_of
from crm.records import attributes as attribute_values
from crm.records.changes import differences
from crm.store import Writing


def create(
    tx: Writing,
    *,
    title: str,
    pipeline_id: int,
    stage_id: int | None = None,
    identifier: str | None = None,
    value: Decimal | int | str | None = None,
    currency: str | None = None,
    contact_id: int | None = None,
    company_id: int | None = None,
    owner_id: int | EllipsisType | None = ...,
    team_id: int | None = None,
    priority: str | None = None,
    expected_close: date | None = None,
    source: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Deal:
    """A new open deal on top of its stage, the pipeline's first if none is named. Left out, the owner is the actor and
    the currency the workspace's."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    pipeline = pipeline_of(tx, pipeline_id)
    target = pipeline.stage(stage_id) if stage_id is not None else pipeline.open_stages[0]
    if target.kind is not Kind.OPEN:
        raise Invalid("A new deal starts in an open stage; close it afterwards.", "stage_id")
    given = {
        "title": title,
        "identifier": identifier,
        "value": value,
        "currency": currency or tx.actor.currency,
        "contact_id": contact_id,
        "company_id": company_id,
        "owner_id": (tx.actor.id or None) if owner_id is ... else owner_id,
        "team_id": team_id,
        "priority": priority,
        "expected_close": expected_close,
        "source": source,
    }
    kept = checked(tx, given, currency=tx.actor.currency)
    deal_id = _insert(tx, kept, target)
    if attributes:
        attribute_values.write(tx, "deal", deal_id, attributes)
    rules.require(tx, deal_id, kept["title"], target)
    record_arrival(tx, deal_id, target, None, "create")
    note_each(tx, "SELECT $id::BIGINT", id=deal_id)
    tx.record(
        "deal.created",
        "deal",
        deal_id,
        title=kept["title"],
        stage_name=target.name,
        stage_id=target.id,
        owner_id=kept["owner_id"],
    )
    deal = find_one(tx, deal_id)
    if deal is None:
        raise Invalid("You would not see this deal: give it to yourself or to one of your teams.", "owner_id")
    return deal


def edit(
    tx: Writing,
    deal_id: int,
    *,
    version: int | None = None,
    attributes: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Deal:
    """Set some fields and attributes. Stale where somebody changed the deal after `version`; nothing written where
    nothing differs. A deal handed to somebody whose deals the actor may not see comes back as it was left."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    before = get(tx, deal_id, version=version)
    kept = checked(tx, changes, currency=before.currency, deal_id=deal_id)
    refuse_typed(before, kept)
    if "currency" in kept and "value" not in kept and before.value is not None:
        kept |= checked(tx, {"value": before.value, "currency": kept["currency"]}, currency=kept["currency"])
    fields = {name: value for name, value in kept.items() if getattr(before, name) != value}
    values = {key: value for key, value in (attributes or {}).items() if before.attributes.get(key) != value}
    if not fields and not values:
        return before
    if values:
        attribute_values.write(tx, "deal", deal_id, values)
    wanted = before.model_copy(update=fields)
    _update(tx, wanted)
    after = find_one(tx, deal_id) or wanted
    note_change(tx, before, after)
    tx.record(change_of(before, after), "deal", deal_id, changes=differences(before, after))
    return after


def _insert(tx: Writing, fields: Mapping[str, Any], target: Stage) -> int:
    """On top of its stage."""
    return tx.insert(
        """
        INSERT INTO base.deals (
            title, identifier, identifier_key, pipeline_id, stage_id, rank, manual_value, currency, priority, owner_id,
            team_id, contact_id, company_id, source, expected_close, search, created_at, updated_at
        )
        VALUES (
            $title, $identifier, $identifier, $pipeline_id, $stage_id, $rank, $value, $currency, $priority, $owner_id,
            $team_id, $contact_id, $company_id, $source, $expected_close, $search, $now, $now
        )
        RETURNING id
        """,
        **fields,
        pipeline_id=target.pipeline_id,
        stage_id=target.id,
        rank=place(tx, 0, target.id, None, None),
        search=identity.search_text(fields["title"], fields["identifier"]),
        now=tx.now,
    )


def _update(tx: Writing, deal: Deal) -> None:
    tx.run(
        """
        UPDATE base.deals SET
            title = $title,
            identifier = $identifier,
            identifier_key = $identifier,
            manual_value = CASE WHEN quoted_value IS NULL THEN $value ELSE manual_value END,
            currency = $currency,
            priority = $priority,
            owner_id = $owner_id,
            team_id = $team_id,
            contact_id = $contact_id,
            company_id = $company_id,
            source = $source,
            expected_close = $expected_close,
            search = $search,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **deal.model_dump(include={"id", *EDITABLE}),
        search=identity.search_text(deal.title, deal.identifier),
        now=tx.now,
    )
