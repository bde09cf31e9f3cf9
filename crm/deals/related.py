"""The deals of one contact or company, open ones first, for their pages."""

from crm.store import Reading, Row
from crm.store.kept import kept


@kept
def of_contact(tx: Reading, contact_id: int, limit: int = 50) -> list[Row]:
    """The contact's deals: id, title, value, currency, stage_name, status, owner_name, expected_close, closed_on."""
    return _of(tx, "deal.contact_id = $id", contact_id, limit)


@kept
def of_company(tx: Reading, company_id: int, limit: int = 50) -> list[Row]:
    """As `of_contact`, for the deals of a company and of its contacts."""
    belongs = "deal.company_id = $id OR deal.contact_id IN (SELECT id FROM contacts WHERE company_id = $id)"
    return _of(tx, belongs, company_id, limit)


def _of(tx: Reading, condition: str, subject_id: int, limit: int) -> list[Row]:
    return tx.rows(
        f"""
        SELECT
            deal.id,
            deal.title,
            deal.value,
            deal.currency,
            stage.name AS stage_name,
            deal.status,
            owner.name AS owner_name,
            deal.expected_close,
            deal.closed_on
        FROM deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        LEFT JOIN users AS owner ON owner.id = deal.owner_id
        WHERE {condition}
        ORDER BY deal.status <> 'open', coalesce(deal.closed_on, deal.expected_close) DESC, deal.id DESC
        LIMIT $limit
        """,
        id=subject_id,
        limit=limit,
    )


@kept
def totals_of_company(tx: Reading, company_id: int) -> list[Row]:
    """One row per currency of the deals of `of_company`: currency, open_count, open_value, won_count, won_value."""
    return tx.rows(
        """
        SELECT
            deal.currency,
            count(*) FILTER (deal.status = 'open') AS open_count,
            coalesce(sum(deal.value) FILTER (deal.status = 'open'), 0) AS open_value,
            count(*) FILTER (deal.status = 'won') AS won_count,
            coalesce(sum(deal.value) FILTER (deal.status = 'won'), 0) AS won_value
        FROM deals AS deal
        WHERE deal.company_id = $id OR deal.contact_id IN (SELECT id FROM contacts WHERE company_id = $id)
        GROUP BY deal.currency
        ORDER BY count(*) DESC, deal.currency
        """,
        id=company_id,
    )
