"""Any service that answers JSON, as a template in the settings describes it."""
