"""Prospeo: persons with their e-mails, mobile numbers and companies."""
