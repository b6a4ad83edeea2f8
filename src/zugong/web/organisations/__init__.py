"""Organisations: the tree, one organisation through time, and who has no tie or too many."""
