"""What runs when nobody waits: jobs, retries, rescue and upkeep."""
