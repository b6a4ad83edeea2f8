"""What was held or is planned on a day, entered once: meetings, visits, talks, checks."""
