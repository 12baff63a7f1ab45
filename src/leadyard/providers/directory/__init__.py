"""The embedded default provider: the user's own people and companies."""
