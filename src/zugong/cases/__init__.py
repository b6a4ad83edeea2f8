"""What must be settled: cases that pass the stages a pack lists, by the moves of one table."""
