"""Incoming webhooks by Standard Webhooks (standardwebhooks.com): signed, and applied once however often they are
sent."""

from crm.webhooks.inbound.deliveries import Delivery, count, recent
from crm.webhooks.inbound.secrets import SOURCES, NotSigned, Secret, SecretSource, end, live, make, signed_by
from crm.webhooks.inbound.taking_in import Taken, refused, take_in, webhook_of

__all__ = [
    "SOURCES",
    "Delivery",
    "NotSigned",
    "Secret",
    "SecretSource",
    "Taken",
    "count",
    "end",
    "live",
    "make",
    "recent",
    "refused",
    "signed_by",
    "take_in",
    "webhook_of",
]
