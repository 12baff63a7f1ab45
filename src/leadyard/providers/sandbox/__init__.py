"""The provider behind test keys: fixed answers decided by the question."""
