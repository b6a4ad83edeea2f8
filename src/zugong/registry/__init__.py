"""Who holds which post and is tied to whom, since when: every noun of the county on two axes of time."""
