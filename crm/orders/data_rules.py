"""The rules of `crm verify` for orders: each query returns the ids that break its rule."""

from crm.foundation.language import later

RULES = {
    later("an order whose external id and key disagree"): """
        SELECT id
        FROM base.orders
        WHERE deleted_at IS NULL AND external_key IS DISTINCT FROM source || ':' || external_id
    """,
    later("an order in another status than its history says"): """
        SELECT purchase.id
        FROM base.orders AS purchase
        LEFT JOIN (
            SELECT order_id, arg_max(to_status, id) AS status
            FROM base.order_statuses
            GROUP BY order_id
        ) AS last ON last.order_id = purchase.id
        WHERE last.status IS DISTINCT FROM purchase.status
    """,
}
