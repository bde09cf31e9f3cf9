"""The statuses of an order: {status: its name}."""

STATUS_NAMES = {
    "pending": "Pending",
    "paid": "Paid",
    "partially_paid": "Partially paid",
    "overdue": "Overdue",
    "refunded": "Refunded",
    "cancelled": "Cancelled",
    "failed": "Failed",
}
