"""What orders can be in, and what people call it."""

STATUS_NAMES = {
    "pending": "Pending",
    "paid": "Paid",
    "partially_paid": "Partially paid",
    "overdue": "Overdue",
    "refunded": "Refunded",
    "cancelled": "Cancelled",
    "failed": "Failed",
}
