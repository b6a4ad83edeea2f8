"""Cases: the list, how far they have come, one case, and what can be done to it."""
