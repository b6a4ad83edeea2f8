"""Activities: what was held or is planned, entered once."""
