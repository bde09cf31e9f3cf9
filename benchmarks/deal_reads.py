"""Everything that the page of one deal reads, and the same by hand."""

from benchmarks.bare import Bare
from crm import deals, orders, pipelines
from crm.deals import health
from crm.platform import workspace
from crm.platform.people import teams
from crm.platform.people import users as people
from crm.records import attachments, attributes, checklists, labels, notes
from crm.records.history import history
from crm.store import Reading


def product_deal(tx: Reading, deal_id: int) -> object:
    """Read what pages/deal.py reads, in its order."""
    deal = deals.get(tx, deal_id)
    return (
        workspace.get(tx),
        deal,
        pipelines.get(tx, deal.pipeline_id),
        people.everyone(tx),
        teams.everyone(tx),
        attributes.definitions(tx, "deal"),
        labels.all_of(tx),
        deals.movements(tx, deal_id),
        deals.follows(tx, deal_id),
        orders.of(tx, "deal", deal_id),
        history(tx, "deal", deal_id),
        notes.of(tx, "deal", deal_id),
        attachments.of(tx, "deal", deal_id),
        checklists.of(tx, deal_id),
        health.of(tx, deal_id),
    )


def bare_deal(bare: Bare, deal_id: int) -> None:
    """Read the same by one hand-written statement each, without the health of the deal."""
    # Health is made of history, versions, notes and limits: no single statement would be a fair baseline.
    for sql in _OF_DEAL:
        bare.all(sql, id=deal_id)
    for sql in _ALL:
        bare.all(sql)


_OF_DEAL = (
    """
    SELECT deal.*, stage.*, pipeline.name, owner.name, contact.name, company.name, reason.name
    FROM base.deals AS deal
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    JOIN base.pipelines AS pipeline ON pipeline.id = deal.pipeline_id
    LEFT JOIN base.users AS owner ON owner.id = deal.owner_id
    LEFT JOIN base.contacts AS contact ON contact.id = deal.contact_id
    LEFT JOIN base.companies AS company ON company.id = deal.company_id
    LEFT JOIN base.close_reasons AS reason ON reason.id = deal.close_reason_id
    WHERE deal.id = $id
    """,
    "SELECT * FROM base.deal_attributes WHERE id = $id",
    """
    SELECT event.*, stage.name
    FROM base.stage_events AS event
    JOIN base.stages AS stage ON stage.id = event.to_stage_id
    WHERE deal_id = $id
    ORDER BY event.id
    """,
    """
    SELECT purchase.*, contact.name
    FROM base.orders AS purchase
    LEFT JOIN base.contacts AS contact ON contact.id = purchase.contact_id
    WHERE purchase.deal_id = $id AND purchase.deleted_at IS NULL
    ORDER BY purchase.ordered_on DESC
    LIMIT 20
    """,
    """
    SELECT currency, status, count(*), sum(value)
    FROM base.orders
    WHERE deal_id = $id AND deleted_at IS NULL
    GROUP BY ALL
    """,
    "SELECT * FROM base.events WHERE subject_kind = 'deal' AND subject_id = $id ORDER BY seq DESC LIMIT 200",
    "SELECT * FROM base.import_changes WHERE subject_kind = 'deal' AND subject_id = $id",
    "SELECT * FROM base.bulk_change_rows WHERE subject_kind = 'deal' AND subject_id = $id",
    "SELECT * FROM base.notes WHERE subject_kind = 'deal' AND subject_id = $id",
    "SELECT * FROM base.attachments WHERE subject_kind = 'deal' AND subject_id = $id",
    "SELECT * FROM base.checklist_items WHERE deal_id = $id",
    "SELECT * FROM base.deal_followers WHERE deal_id = $id",
)
_ALL = (
    "SELECT * FROM base.workspace",
    "SELECT * FROM base.stages ORDER BY position",
    "SELECT * FROM base.users ORDER BY name",
    "SELECT * FROM base.teams ORDER BY name",
    "SELECT * FROM base.attributes WHERE model = 'deal' ORDER BY position",
    "SELECT * FROM base.labels ORDER BY name",
)
