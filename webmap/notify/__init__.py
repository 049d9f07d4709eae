"""Hands messages of the outbox to their receivers: signed webhooks and mail."""
