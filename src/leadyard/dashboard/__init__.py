"""Pages for people, over the same actions as the API. They are rendered here and work without script."""
