"""Scenarios: what must be true, in words an official can read, run against the real engines on a real database."""
