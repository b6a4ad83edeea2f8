"""What comes round again: duties, the occurrences they make, and what fulfils each."""
