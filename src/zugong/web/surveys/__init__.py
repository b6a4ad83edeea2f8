"""Surveys: opening rounds, answering, slips, and what came of it."""
