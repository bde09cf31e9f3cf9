"""Webhooks: those that come in are in inbound."""
