"""What calls return, one file a noun: frozen dataclasses with the names of the wire."""
