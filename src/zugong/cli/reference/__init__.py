"""One file for each page of the reference; `words` prints what they have in common."""
