"""Ratings: runs, results and their reasons, decisions, marks."""
