"""What every engine stands on: errors, the clock, the database, the journal."""
