"""The statuses of an order: {status: its name}, and what other systems call them."""

from crm.foundation.language import later

STATUS_NAMES = {
    "pending": later("Pending"),
    "paid": later("Paid"),
    "partially_paid": later("Partially paid"),
    "overdue": later("Overdue"),
    "refunded": later("Refunded"),
    "cancelled": later("Cancelled"),
    "failed": later("Failed"),
}

STATUS_PROPOSALS: dict[str, tuple[str, ...]] = {
    "pending": ("created", "new", "draft", "authorized", "authorised", "awaiting", "waiting", "in review",
                "under review", "in analysis", "checkout", "novo", "rascunho", "em analise", "aguardando", "pendiente",
                "autorizado"),
    "paid": ("delivered", "shipped", "dispatched", "fulfilled", "in transit", "out for delivery", "sent", "picked up",
             "ready for pickup", "collected", "received", "handling", "preparing", "invoiced", "approved", "accepted",
             "captured", "succeeded", "success", "settled", "confirmed", "closed", "done", "entregue", "enviado",
             "enviada", "despachado", "em transito", "a caminho", "faturado", "faturada", "recebido", "confirmado",
             "em separacao", "aprovada", "entregado", "pagado", "completado"),
    "partially_paid": ("partial payment", "deposit paid", "sinal pago", "pagamento parcial"),
    "overdue": ("delinquent", "in arrears", "inadimplente", "dunning"),
    "refunded": ("returned", "chargeback", "charged back", "reversed", "devolvida", "estornada", "reembolso",
                 "estorno", "devuelto"),
    "cancelled": ("unavailable", "expired", "abandoned", "aborted", "indisponivel", "expirado", "expirada",
                  "abandonado", "abandonada"),
    "failed": ("refused", "denied", "error", "negado", "negada", "rejeitado", "rejeitada", "erro", "rechazado"),
}  # fmt: skip
"""What shops, carriers and payment systems say of an order, under the status that it comes nearest to: what was sent
or delivered is as a rule paid."""
