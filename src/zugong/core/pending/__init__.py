"""Effects that wait: for a day to come, or for an engine above the one in which they arose."""
