"""Webhooks. Incoming ones are in `inbound`."""
