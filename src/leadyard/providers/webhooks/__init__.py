"""Webhooks: carrying messages to the addresses that accounts name."""
