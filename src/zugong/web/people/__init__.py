"""People: the roster, and one file through time."""
