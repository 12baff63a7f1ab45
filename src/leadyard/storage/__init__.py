"""The only SQL, one file a noun, returning domain objects."""
