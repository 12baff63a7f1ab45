"""What happens to a lead after it was added: enrich, validate, reveal."""
