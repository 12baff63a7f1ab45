"""The same work in other ways: programs that take leads, check them, drop duplicates and keep the rest."""
