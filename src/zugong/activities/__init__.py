"""What was held or is planned on a day, entered once, counted by everything it serves."""
