"""Every component in all its states, on one page, with invented data."""
