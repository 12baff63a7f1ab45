"""Outside services, one folder each."""
