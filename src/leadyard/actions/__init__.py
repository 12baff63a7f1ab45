"""What a customer can do: one function each, inside one transaction each, access checked here."""

from leadyard.storage.database import Database, Tx

__all__ = ["Database", "Tx"]
